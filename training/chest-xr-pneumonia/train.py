"""Fits the chest model: `python train.py kermany_224.tar OUT --epochs 40 [--seed 1] [--resume]`.

After each epoch OUT/last.pt holds everything to go on from. Selection and calibration see the parts `alike` and `early` only
(see data.py); the test split is not read here.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from augment import augment
from data import Part, read_parts
from network import ChestNet

BATCH = 64
SMOOTHING = 0.02


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--epochs", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rate", type=float, default=2e-3)
    arguments.add_argument("--decay", type=float, default=0.02)
    arguments.add_argument("--mixup", type=float, default=0.3)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--resume", action="store_true")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)

    parts = read_parts(given.archive)
    train = parts["train"]
    sample = train.pixels[::7].astype(np.float32) / 255
    net = ChestNet(float(sample.mean()), float(sample.std())).to(memory_format=torch.channels_last)
    average = ChestNet(net.mean, net.deviation)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=given.rate, weight_decay=given.decay)
    begin, log = 0, []
    if given.resume and (given.out / "last.pt").exists():
        state = torch.load(given.out / "last.pt")
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        begin, log = state["epoch"] + 1, state["log"]
    print("parameters", sum(p.numel() for p in net.parameters()), "from epoch", begin, flush=True)

    weights = balance(train)
    steps = len(train.names) // BATCH
    for epoch in range(begin, given.epochs):
        start, total = time.time(), 0.0
        net.train()
        for step in range(steps):
            progress = (epoch * steps + step) / (given.epochs * steps)
            for group in optimiser.param_groups:
                group["lr"] = given.rate * min(1, progress * 20) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
            x, y = batch(train, weights, given.mixup)
            with torch.autocast("cpu", torch.bfloat16):
                logit = net(x)
            loss = F.binary_cross_entropy_with_logits(logit.float()[:, 0], y)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            follow(average, net, min(0.998, (epoch * steps + step) / (epoch * steps + step + 10)))
            total += float(loss.detach())
        row = {"epoch": epoch, "loss": round(total / steps, 4)}
        for name in ("alike", "early"):
            row |= {f"{name} {key}": value for key, value in figures(parts[name], logits(average, parts[name])).items()}
        row["seconds"] = round(time.time() - start, 1)
        log.append(row)
        print(json.dumps(row), flush=True)
        state = {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save(state | {"epoch": epoch, "log": log, "mean": net.mean, "deviation": net.deviation}, given.out / "last.pt")


def balance(part: Part) -> torch.Tensor:
    """How often each image is drawn: the two classes alike, and within a class its two sources by the root of their size."""
    weights = np.zeros(len(part.names))
    for positive in (False, True):
        sources = [(part.positive == positive) & (part.source == s) for s in np.unique(part.source[part.positive == positive])]
        roots = [math.sqrt(s.sum()) for s in sources]
        for members, root in zip(sources, roots):
            weights[members] = root / sum(roots) / members.sum()
    return torch.from_numpy(weights)


def batch(part: Part, weights: torch.Tensor, mixup: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Augmented images [n, 1, 224, 224] and soft answers [n]; mixed in pairs by a share of Beta(mixup, mixup)."""
    drawn = torch.multinomial(weights, BATCH, replacement=True)
    x = augment(torch.from_numpy(part.pixels[drawn.numpy()]).float()[:, None] / 255)
    y = torch.from_numpy(part.positive[drawn.numpy()]).float() * (1 - 2 * SMOOTHING) + SMOOTHING
    if mixup > 0:
        share = float(np.random.default_rng(int(torch.randint(2**31, ()))).beta(mixup, mixup))
        x, y = share * x + (1 - share) * x.flip(0), share * y + (1 - share) * y.flip(0)
    return x.contiguous(memory_format=torch.channels_last), y


@torch.no_grad()
def follow(average: ChestNet, net: ChestNet, keep: float) -> None:
    """The average moves towards the weights: average = keep * average + (1 - keep) * net."""
    for old, new in zip(average.state_dict().values(), net.state_dict().values()):
        if old.is_floating_point():
            old.lerp_(new.to(old), 1 - keep)
        else:
            old.copy_(new)


@torch.no_grad()
def logits(net: ChestNet, part: Part) -> np.ndarray:
    net.eval()
    x = torch.from_numpy(part.pixels)
    return torch.cat([net(x[i : i + 64, None].float() / 255)[:, 0] for i in range(0, len(x), 64)]).numpy()


def figures(part: Part, logit: np.ndarray) -> dict[str, float]:
    """Area under the ROC curve, log loss, and the specificity where the sensitivity is 0.975."""
    positive, negative = np.sort(logit[part.positive]), logit[~part.positive]
    threshold = positive[int(0.025 * len(positive))]
    loss = np.logaddexp(0, np.where(part.positive, -logit, logit)).mean()
    return {
        "AUC": round(area(part.positive, logit), 4),
        "loss": round(float(loss), 4),
        "specificity": round(float((negative < threshold).mean()), 3),
    }


def area(positive: np.ndarray, score: np.ndarray) -> float:
    """Mann-Whitney: the share of pairs whose positive has the greater score, equal ones counting half."""
    order = np.concatenate([score[positive], score[~positive]])
    _, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    p, n = int(positive.sum()), int((~positive).sum())
    return float((ranks[:p].sum() - p * (p + 1) / 2) / (p * n))


if __name__ == "__main__":
    main()
