"""Trains the two towers. See README.md of this folder for the commands.

One step: a batch of augmented tiles, captions about what they show, the truth of every caption for every tile, and
the contrastive loss against it. Captions are prepared ahead of time, by one thread or by --workers processes. A run that
was killed goes on from its last checkpoint when the same command is given again. With --grow it starts on what there is
of the data and takes in more while generate-tiles.ts is still writing it.
"""
import argparse
import copy
import math
import multiprocessing
import os
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

# Threads that wait must not spin: it costs little, and very much less on a machine that others use as well.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch

from captions import CaptionMaker
from data import COLOUR, COLOUR2, NOUN, OBJECT, Tiles, augment
from lexicon import Lexicon
from losses import caption_arrays, contrastive, truth
from measure import embed_phrases, embed_tiles, noun_accuracy
from model import EXPANSION, WIDTHS, ImageTower, TextTower
from words import FIRST_CONTENT, NATURALLY_COLOURED


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder of generate-tiles.ts")
    p.add_argument("--out", required=True, help="folder for checkpoint.pt and log.txt")
    p.add_argument("--minutes", type=float, help="train this long in all")
    p.add_argument("--samples", type=float, help="or: train on this many tiles (the same result every time)")
    p.add_argument("--batch", type=int, default=512)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--decay", type=float, default=0.05)
    p.add_argument("--scale", type=float, default=16, help="logit scale, fixed")
    p.add_argument("--generic", type=float, default=0.15, help='how true "object" is of any tile')
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--widths", type=int, nargs=4, default=WIDTHS)
    p.add_argument("--expansion", type=int, default=EXPANSION)
    p.add_argument("--text-width", type=int, default=96)
    p.add_argument("--begin", help="checkpoint.pt of another run whose averaged weights are the first ones")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--device", default="cpu", help="cpu or cuda")
    p.add_argument("--bf16", action="store_true", help="products in bfloat16; for CPUs with AVX512-BF16 and GPUs")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--workers", type=int, default=0, help="processes that make captions; 0: one thread")
    p.add_argument("--grow", action="store_true", help="look for more data with every line of the log")
    p.add_argument("--log-seconds", type=float, default=30)
    p.add_argument("--save-seconds", type=float, default=180)
    args = p.parse_args()
    if (args.minutes is None) == (args.samples is None):
        p.error("give --minutes or --samples")
    return args


def build(config, lexicon):
    image = ImageTower(tuple(config["widths"]), config["expansion"])
    text = TextTower(
        len(lexicon.vocabulary), FIRST_CONTENT, lexicon.vocabulary["object"], width=config["text_width"]
    )
    return torch.nn.ModuleDict({"image": image, "text": text}).to(memory_format=torch.channels_last)


def load(*checkpoints):
    """
    The averaged model of a checkpoint file, its lexicon and its settings. Of several files, where each run began from the
    one before: the mean of their weights (a "soup", Wortsman et al. 2022), which knows what any of them saw.
    """
    states = [torch.load(path, map_location="cpu") for path in checkpoints]
    state = states[-1]
    for name, mean in state["average"].items():
        if mean.is_floating_point():
            mean.copy_(torch.stack([other["average"][name] for other in states]).mean(0))
    lexicon = Lexicon(state["meta"])
    model = build(state["config"], lexicon)
    model.load_state_dict(state["average"])
    return model.eval(), lexicon, state


class Words:
    """Captions of a batch and what they mean, in a thread or process of its own."""

    maker = None

    @classmethod
    def begin(cls, meta, seed):
        cls.lexicon = Lexicon(meta)
        cls.maker = CaptionMaker(cls.lexicon, seed)

    @classmethod
    def captions(cls, step, entities):
        return caption_arrays(cls.maker.batch(step, entities), cls.lexicon)


class Batches:
    """
    Batch after batch, everything that does not need the weights: (normalised pixels [B, 3, 64, 64], ids [T, L], truth
    [B, T]). A function of seed and step alone as long as the data does not grow.
    """

    def __init__(self, tiles, lexicon, args, step):
        self.tiles, self.args, self.step = tiles, args, step
        self.stuff = torch.tensor(lexicon.stuff, device=tiles.device)
        self.natural = np.array([words[0] in NATURALLY_COLOURED for words in lexicon.noun_words])
        start = {"initializer": Words.begin, "initargs": (tiles.meta, args.seed)}
        # Spawned: a process that is forked off one with a GPU and threads may hang.
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(args.workers, spawn, **start) if args.workers else ThreadPoolExecutor(1, **start)
        self.ahead = deque()
        self.epoch, self.order = None, None

    def next(self):
        while len(self.ahead) < 1 + 2 * self.args.workers:
            self.ahead.append(self.begin(self.step))
            self.step += 1
        step, indices, repaint, entities, captions = self.ahead.popleft()
        ids, readings = (torch.from_numpy(a).to(self.tiles.device) for a in captions.result())
        target = truth(torch.from_numpy(entities).long().to(self.tiles.device), readings, self.stuff, self.args.generic)
        generator = torch.Generator(self.tiles.device).manual_seed(self.args.seed * 1_000_003 + step)
        kind, repaint = (torch.from_numpy(a).to(self.tiles.device) for a in (self.tiles.kind[indices], repaint))
        return augment(self.tiles.read(indices), kind, repaint, generator), ids, target

    def begin(self, step):
        indices = self.indices(step)
        entities = self.tiles.entities[indices].copy()
        # The colours of a repainted tile have no name any more.
        repaint = np.random.default_rng([self.args.seed, 2, step]).random(len(entities)) < 0.5
        repaint &= self.repaintable(entities)
        entities[repaint, :, COLOUR : COLOUR2 + 1] = -1
        return step, indices, repaint, entities, self.pool.submit(Words.captions, step, entities)

    def indices(self, step):
        """Every tile once an epoch, in a new order each time."""
        count, size = len(self.tiles.train), self.args.batch
        per_epoch = max(1, count // size)
        epoch = (count, step // per_epoch)
        if self.epoch != epoch:
            self.epoch = epoch
            self.order = np.random.default_rng([self.args.seed, *epoch]).permutation(count)
        k = step % per_epoch
        return self.tiles.train[self.order[k * size : (k + 1) * size]]

    def repaintable(self, entities):
        """[B] bool: tiles that show nothing whose colour belongs to it, as a banana's does."""
        return ~(self.natural[np.maximum(entities[..., NOUN], 0)] & (entities[..., NOUN] >= 0)).any(1)


class Trainer:
    def __init__(self, args):
        self.args = args
        torch.set_num_threads(args.threads)
        torch.manual_seed(args.seed)
        torch.backends.cudnn.benchmark = True
        self.out = Path(args.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.tiles = Tiles(args.data, args.device)
        self.lexicon = Lexicon(self.tiles.meta)
        self.model = build(vars(args), self.lexicon).to(args.device)
        if args.begin:
            self.model.load_state_dict(torch.load(args.begin, map_location=args.device)["average"])
        self.average = copy.deepcopy(self.model).eval()
        plain = [p for p in self.model.parameters() if p.ndim < 2]
        matrices = [p for p in self.model.parameters() if p.ndim >= 2]
        groups = [{"params": matrices, "weight_decay": args.decay}, {"params": plain, "weight_decay": 0}]
        self.optimiser = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98))
        self.step, self.seconds = 0, 0.0

    def progress(self):
        """0..1"""
        if self.args.samples is not None:
            return self.step * self.args.batch / self.args.samples
        return self.seconds / (60 * self.args.minutes)

    def rate(self, warm_up=0.03):
        t = min(1.0, self.progress())
        return self.args.lr * min(1.0, (t + 1e-4) / warm_up, 0.01 + 0.99 * (1 + math.cos(math.pi * t)) / 2)

    def train(self):
        batches = Batches(self.tiles, self.lexicon, self.args, self.step)
        losses, mark = [], time.perf_counter()
        logged = saved = mark
        logged_step = self.step
        while self.progress() < 1:
            losses.append(self.update(*batches.next()))
            self.step += 1
            now = time.perf_counter()
            self.seconds += now - mark
            mark = now
            if now - logged > self.args.log_seconds:
                self.log(losses, (self.step - logged_step) * self.args.batch / (now - logged))
                losses, logged, logged_step = [], time.perf_counter(), self.step
            if now - saved > self.args.save_seconds:
                self.save()
                saved = time.perf_counter()
        self.log(losses, math.nan)
        self.save()
        batches.pool.shutdown(cancel_futures=True)

    def update(self, pixels, ids, target):
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        with torch.autocast(self.args.device, torch.bfloat16) if self.args.bf16 else nullcontext():
            images, texts = self.model["image"](pixels), self.model["text"](ids)
        loss = contrastive(images.float(), texts.float(), target, self.args.scale)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        keep = min(self.args.ema, self.step / (self.step + 20))
        with torch.no_grad():
            pairs = list(zip(self.average.state_dict().values(), self.model.state_dict().values()))
            floats = [(mean, now) for mean, now in pairs if mean.is_floating_point()]
            torch._foreach_mul_([mean for mean, _ in floats], keep)
            torch._foreach_add_([mean for mean, _ in floats], [now for _, now in floats], alpha=1 - keep)
            for mean, now in pairs:
                if not mean.is_floating_point():
                    mean.copy_(now)
        return loss.detach()

    def log(self, losses, speed):
        loss = float(torch.stack(losses).mean()) if losses else math.nan
        held = self.tiles.held_out[self.tiles.kind[self.tiles.held_out] == OBJECT]
        quick = np.random.default_rng(0).permutation(held)[:1024]
        nouns = embed_phrases(self.average, self.lexicon, [words[0] for words in self.lexicon.noun_words])
        top1 = noun_accuracy(embed_tiles(self.average, self.tiles, quick), nouns, self.tiles, quick)
        line = (
            f"step {self.step} samples {self.step * self.args.batch} of {len(self.tiles.train)} tiles minutes "
            f"{self.seconds / 60:.1f} ({100 * self.progress():.0f} %) loss {loss:.4f} top-1 {100 * top1:.1f} % "
            f"lr {self.rate():.1e} {speed:.0f} tiles/s"
        )
        print(line, flush=True)
        with open(self.out / "log.txt", "a") as file:
            file.write(line + "\n")
        if self.args.grow:
            self.tiles.grow()

    def save(self):
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(), "step": self.step, "seconds": self.seconds,
            "config": vars(self.args), "meta": self.tiles.meta,
        }
        torch.save(state, self.out / "checkpoint.part")
        os.replace(self.out / "checkpoint.part", self.out / "checkpoint.pt")

    def resume(self):
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.args.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        print(f"goes on at step {self.step}", flush=True)


if __name__ == "__main__":
    trainer = Trainer(arguments())
    trainer.resume()
    trainer.train()
