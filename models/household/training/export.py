"""checkpoint.pt of train.py -> the encoder folder that docs/encoders.md describes."""
import argparse
import io
import json
import warnings
from pathlib import Path

import numpy as np
import torch

from data import MEAN, STD, Tiles, to_input
from json_file import write_json
from model import CONTEXT, DIM, TILE, DenseTower
from train import load
from words import CANONICAL, PAD, UNK

OPSET = 15
DENSE_CHANNELS = 48
# Root of the features' summed variance. LERF adds the squared error of dense features and a twentieth of that of unit
# embeddings, whose last errors are a few tenths: features as large as embeddings leave the shared hash grids to noise.
DENSE_SPREAD = 0.03


def graph(module, example, names, free):
    """ONNX bytes of a module in eval mode; batch norms are folded into the convolutions before them."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), example, file, opset_version=OPSET, input_names=names[:1], output_names=names[1:],
            dynamic_axes=free,
        )
    data = file.getvalue()
    if b"BatchNormalization" in data:
        raise SystemExit("a batch norm was not folded")
    return data


def principal_projection(trunk, tiles, count=4096):
    """
    1x1 convolution from the trunk's features to their first principal components over training tiles, with mean zero
    and variances that sum to DENSE_SPREAD squared; and the share of the variance that is kept.
    """
    chosen = np.sort(np.random.default_rng(0).permutation(tiles.train)[:count])
    features = []
    with torch.no_grad():
        for start in range(0, len(chosen), 256):
            y = trunk(to_input(tiles.read(chosen[start : start + 256])))  # [B, 96, 8, 8]
            features.append(y.permute(0, 2, 3, 1).reshape(-1, y.shape[1]).double())
    x = torch.cat(features)
    mean = x.mean(0)
    values, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)  # largest first
    kept = values[:DENSE_CHANNELS]
    weight = vectors[:, :DENSE_CHANNELS].T * DENSE_SPREAD / kept.sum().sqrt()  # [48, 96]
    conv = torch.nn.Conv2d(len(mean), DENSE_CHANNELS, 1)
    conv.weight.data = weight.float()[:, :, None, None]
    conv.bias.data = -(weight @ mean).float()
    return conv, float(kept.sum() / values.sum())


def tokenizer(vocabulary):
    special = lambda i, content: {
        "id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
        "special": True,
    }
    words_only = {"type": "Replace", "pattern": {"Regex": "[^\\p{L}\\p{N}]+"}, "content": " "}
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special(PAD, "[PAD]"), special(UNK, "[UNK]")],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}, words_only, strip]},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel", "continuing_subword_prefix": "##", "vocab": vocabulary, "unk_token": "[UNK]",
        },
    }


def description(lexicon, kept):
    pixels = {"mean": [MEAN] * 3, "std": [STD] * 3, "interpolation": "bilinear", "layout": "nchw"}
    ends = lambda file, source, target: {"file": file, "input": source, "output": target}
    return {
        "name": "household",
        "dim": DIM,
        "image": {**ends("image.onnx", "pixels", "embedding"), "size": TILE, **pixels},
        "text": {
            **ends("text.onnx", "ids", "embedding"), "tokenizer": "tokenizer.json", "contextLength": CONTEXT,
            "padId": PAD, "unkId": UNK,
        },
        "dense": {
            **ends("dense.onnx", "photo", "features"), "size": 240, "patch": 8, "stride": 8, "dim": DENSE_CHANNELS,
            "outputLayout": "nchw", **pixels,
        },
        "canonicalPhrases": list(CANONICAL),
        "licence": "Apache-2.0",
        "source": "trained by training/ of this folder on procedural tiles (README.md); "
        f"dense: {100 * kept:.1f} % of the trunk's variance",
        "vocabulary": lexicon.phrases(),
    }


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", required=True, help="for the principal components of the dense features")
    p.add_argument("--checkpoint", required=True, nargs="+")
    p.add_argument("--out", required=True)
    p.add_argument("--reference", help="also write inputs and outputs for a comparison with other runtimes here")
    args = p.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    model, lexicon, _ = load(*args.checkpoint)
    model = model.to(memory_format=torch.contiguous_format)
    projection, kept = principal_projection(model["image"].trunk, Tiles(args.data))
    dense = DenseTower(model["image"].trunk, projection).eval()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    inputs = {
        "image": torch.randn(2, 3, TILE, TILE),
        "text": torch.tensor([lexicon.ids("red object") + (PAD,) * (CONTEXT - 2), (UNK,) + (PAD,) * (CONTEXT - 1)]),
        "dense": torch.randn(1, 3, 72, 104),
    }
    graphs = {
        "image": (model["image"], ["pixels", "embedding"], {"pixels": {0: "n"}, "embedding": {0: "n"}}),
        "text": (model["text"], ["ids", "embedding"], {"ids": {0: "n"}, "embedding": {0: "n"}}),
        "dense": (dense, ["photo", "features"], {"photo": {2: "h", 3: "w"}, "features": {2: "rows", 3: "cols"}}),
    }
    for name, (module, ends, free) in graphs.items():
        data = graph(module, inputs[name], ends, free)
        (out / f"{name}.onnx").write_bytes(data)
        print(f"{name}.onnx {len(data) / 1e6:.2f} MB")
    write_json(out / "encoder.json", description(lexicon, kept))
    write_json(out / "tokenizer.json", tokenizer(lexicon.vocabulary))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]", "pad_token": "[PAD]"}
    write_json(out / "tokenizer_config.json", {**config, "model_max_length": CONTEXT})
    if args.reference:
        reference(Path(args.reference), {name: g[0] for name, g in graphs.items()}, lexicon)


def reference(folder, modules, lexicon):
    """<name>-<k>.json: {shape, input, output}, flat; tokens of phrases with padding and unknown words for the text."""
    folder.mkdir(parents=True, exist_ok=True)
    phrases = ["object", "red thing", *lexicon.phrases()[:5]]
    rows = [(*lexicon.ids(p), UNK)[:CONTEXT] for p in phrases]
    ids = torch.tensor([r + (PAD,) * (CONTEXT - len(r)) for r in rows])
    cases = {
        "image": [torch.randn(n, 3, TILE, TILE) for n in (1, 7)],
        "text": [ids[:1], ids, torch.tensor([(UNK,) * CONTEXT, (PAD,) * CONTEXT])],
        "dense": [torch.randn(1, 3, h, w) for h, w in ((16, 16), (240, 320), (241, 327), (250, 246))],
    }
    with torch.no_grad():
        for name, list_of_inputs in cases.items():
            for k, x in enumerate(list_of_inputs):
                y = modules[name](x)
                case = {"shape": x.shape, "input": x.flatten().tolist(), "output": y.flatten().tolist()}
                (folder / f"{name}-{k}.json").write_text(json.dumps(case))


if __name__ == "__main__":
    main()
