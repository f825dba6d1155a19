"""Fits the head model: `python train.py DATA OUT --heads datalad vs_seg_001 ch2 --teacher model18cls.onnx --minutes 60 [--resume]`.

DATA/NAME.npz come from prepare.py. Every 50 steps and at the end OUT/last.pt holds everything to go on from. Nothing is chosen by looking at a
head that is not named here.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from augment import Size, view
from network import StructureNet, begin_as
from prepare import LABELS, MERGED, foreground

MARGIN = 8  # voxels at the border of a view that the loss leaves out: beyond it the network sees zeros, not the head
SIZES: tuple[Size, ...] = ((96, 96, 96), (112, 96, 96), (96, 112, 96), (96, 96, 112))
LARGE: tuple[Size, ...] = ((128, 128, 128), (112, 128, 144))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--heads", nargs="+", required=True)
    arguments.add_argument("--teacher", type=Path, required=True)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--rate", type=float, default=1e-3)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--resume", action="store_true")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)

    heads = [Head(given.data / f"{name}.npz") for name in given.heads]
    net = StructureNet(len(LABELS))
    begin_as(net, given.teacher, MERGED)
    net = net.to(memory_format=torch.channels_last_3d)
    new = {id(p) for p in net.new_layers()}
    taught = [p for p in net.parameters() if id(p) not in new]
    groups = [{"params": net.new_layers(), "scale": 1.0}, {"params": taught, "scale": 0.5}]
    optimiser = torch.optim.AdamW(groups, lr=given.rate, weight_decay=1e-4)
    average = {name: value.clone() for name, value in net.state_dict().items()}
    step, spent, log = 0, 0.0, []
    if given.resume and (given.out / "last.pt").exists():
        state = torch.load(given.out / "last.pt")
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, spent, log = state["average"], state["step"], state["spent"], state["log"]
    print("parameters", sum(p.numel() for p in net.parameters()), "from step", step, flush=True)

    begin, losses, dice = time.time() - spent, [], []

    def save() -> None:
        state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "average": average}
        torch.save(state | {"step": step, "spent": time.time() - begin, "log": log}, given.out / "last.pt")

    while (progress := (time.time() - begin) / (60 * given.minutes)) < 1:
        for group in optimiser.param_groups:
            warm = min(1, (step + 1) / 30)
            group["lr"] = group["scale"] * given.rate * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        sizes = SIZES if progress < 0.6 else LARGE
        size = sizes[int(torch.randint(len(sizes), ()))]
        with torch.no_grad():
            x, y = heads[int(torch.randint(len(heads), ()))].view(size)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x.contiguous(memory_format=torch.channels_last_3d))
        loss, overlap = compare(logits.float(), y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        keep = min(0.99, step / (step + 10))
        with torch.no_grad():
            for name, value in net.state_dict().items():
                average[name].lerp_(value, 1 - keep)
        losses.append(float(loss.detach()))
        dice.append(overlap.numpy())
        if step % 50 == 0:
            row = {"step": step, "seconds": round(time.time() - begin), "loss": round(float(np.mean(losses)), 4)}
            row["soft Dice"] = [round(float(d), 3) for d in np.nanmean(dice, 0)]
            log.append(row)
            print(json.dumps(row), flush=True)
            losses, dice = [], []
            save()
    save()


class Head:
    """A head to draw views from: near the brain mostly, near its small structures often."""

    def __init__(self, file: Path):
        with np.load(file) as kept:
            image, box = foreground(kept["image"])
            labels = kept["labels"][box]
        self.image = torch.from_numpy(image)[None, None]
        self.labels = torch.from_numpy(labels.astype(np.float32))[None, None]
        self.brain = torch.from_numpy(np.argwhere(labels[::4, ::4, ::4] > 0) * 4.0).float()
        self.small = torch.from_numpy(np.argwhere(labels[::2, ::2, ::2] > 4) * 2.0).float()

    def view(self, size: Size) -> tuple[torch.Tensor, torch.Tensor]:
        drawn = float(torch.rand(()))
        if drawn < 0.15:
            centre = torch.rand(3) * torch.tensor(self.image.shape[2:])
        else:
            places = self.small if drawn < 0.5 else self.brain
            centre = places[int(torch.randint(len(places), ()))] + torch.randn(3) * 12
        return view(self.image, self.labels, centre, size)


def compare(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy plus one minus the mean soft Dice of the structures in view; and that Dice, NaN for what is not in view."""
    inner = (slice(MARGIN, -MARGIN),) * 3
    log_share = logits[(..., *inner)].log_softmax(1)
    labels = labels[(..., *inner)]
    chosen = log_share.gather(1, labels[:, None])[:, 0]
    classes = logits.shape[1]
    counts = torch.bincount(labels.flatten(), minlength=classes).float()
    shared = torch.zeros(classes).index_add(0, labels.flatten(), chosen.exp().flatten())
    dice = (2 * shared + 1) / (log_share.exp().sum((0, 2, 3, 4)) + counts + 1)
    seen = counts[1:] > 50
    loss = -chosen.mean()
    if seen.any():
        loss = loss + (1 - dice[1:][seen]).mean()
    return loss, torch.where(seen, dice[1:].detach(), torch.nan)


if __name__ == "__main__":
    main()
