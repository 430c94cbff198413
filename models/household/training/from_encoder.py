"""
An encoder folder of export.py -> checkpoint.pt that `train.py --begin` goes on from: for more things, or things of your
own, without the runs that made it. Needs onnx (Debian: python3-onnx).

The batch norms are folded into the convolutions of the graph. They are unfolded here: every convolution gets rows of
length one, and its batch norm the statistics that it has on tiles of the data and the scale and offset that undo both, so
that the towers compute what the graph does and train as ones with batch norms do.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from data import Tiles, to_input
from lexicon import Lexicon
from model import EXPANSION, WIDTHS, ConvBN
from train import build


def initializers(path):
    """The tensors of a graph in the order in which its nodes use them: [(operator, name, tensor)]."""
    graph = onnx.load(path).graph
    tensors = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    return [(node.op_type, name, tensors[name]) for node in graph.node for name in node.input if name in tensors]


def load_image(tower, path, pixels):
    """Weights of image.onnx; `pixels` [B, 3, 64, 64] are what the batch norms get their statistics from."""
    used = initializers(path)
    folded = [tensor for operator, name, tensor in used if operator == "Conv" and not name.startswith("pool.")]
    named = {name: tensor for _, name, tensor in used if "." in name and "::" not in name}
    own = tower.state_dict()
    tower.load_state_dict({name: named.get(name, value) for name, value in own.items()})
    layers = [layer for layer in tower.modules() if isinstance(layer, ConvBN)]
    if len(folded) != 2 * len(layers):
        raise SystemExit(f"{path}: {len(folded)} tensors of convolutions, the tower of model.py has {2 * len(layers)}")
    hooks = [
        layer.conv.register_forward_hook(unfolding(layer.bn, bias))
        for layer, bias in zip(layers, folded[1::2])
    ]
    with torch.no_grad():
        for layer, weight in zip(layers, folded[::2]):
            layer.conv.weight.copy_(weight)
        tower.eval()(pixels)
    for hook in hooks:
        hook.remove()


def unfolding(norm, bias):
    """A hook on a convolution: gives its rows length one and its batch norm what makes up for that."""

    def hook(conv, _, y):
        length = conv.weight.flatten(1).norm(dim=1).clamp(min=1e-8)
        conv.weight /= length[:, None, None, None]
        y = y / length[None, :, None, None]
        variance, mean = torch.var_mean(y, (0, 2, 3), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(length * (variance + norm.eps).sqrt())
        norm.bias.copy_(bias + length * mean)
        return y

    return hook


def load_text(tower, path):
    """Weights of text.onnx. The exporter keeps the names of all but matrices, which it transposes."""
    named, matrices = {}, []
    for operator, name, tensor in initializers(path):
        if "::" not in name:
            named[name] = tensor
        elif operator == "MatMul":
            matrices.append(tensor.T)
    own = tower.state_dict()
    missing = [name for name, value in own.items() if name not in named and value.ndim == 2]
    if [own[name].shape for name in missing] != [matrix.shape for matrix in matrices]:
        raise SystemExit(f"{path}: its matrices are not those of the tower of model.py")
    tower.load_state_dict({**own, **named, **dict(zip(missing, matrices))})


def check_words(encoder, lexicon):
    known = json.loads((encoder / "tokenizer.json").read_text())["model"]["vocab"]
    if known != lexicon.vocabulary:
        odd = sorted(set(known) ^ set(lexicon.vocabulary)) or ["the same words with other ids"]
        raise SystemExit(f"{encoder}: its dictionary is not that of the data: {', '.join(odd[:8])}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--encoder", required=True, help="folder with image.onnx, text.onnx and tokenizer.json")
    p.add_argument("--data", required=True, help="folder of generate-tiles.ts")
    p.add_argument("--out", required=True, help="the checkpoint to write")
    p.add_argument("--tiles", type=int, default=2048, help="for the statistics of the batch norms")
    args = p.parse_args()
    encoder = Path(args.encoder)
    tiles = Tiles(args.data)
    lexicon = Lexicon(tiles.meta)
    check_words(encoder, lexicon)
    config = {"widths": WIDTHS, "expansion": EXPANSION, "text_width": 96, "batch": 0}
    model = build(config, lexicon)
    chosen = np.sort(np.random.default_rng(0).permutation(len(tiles.kind))[: args.tiles])
    load_image(model["image"], encoder / "image.onnx", to_input(tiles.read(chosen)))
    load_text(model["text"], encoder / "text.onnx")
    state = {"average": model.state_dict(), "step": 0, "config": config, "meta": tiles.meta}
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, args.out)


if __name__ == "__main__":
    main()
