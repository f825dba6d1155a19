"""What the scores mean: `python calibrate.py kermany_224.tar OUT...`: temperature and operating points of the averaged logits of checkpoints.

Measured on the held-out parts, twice: as they are, and each image in 8 random views of augment.py, which stand for how another
department would have made it. The test split is not read.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from augment import augment
from data import Part, read_parts
from network import ChestNet
from train import area, logits

VIEWS = 8


def main(archive: Path, folders: list[Path]) -> None:
    torch.manual_seed(3)
    parts = read_parts(archive)
    nets = [load(folder) for folder in folders]
    for name, views in (("as they are", 0), ("in random views", VIEWS)):
        scored = [score(nets, parts[part], views) for part in ("alike", "early")]
        positive, logit = (np.concatenate([s[i] for s in scored]) for i in (0, 1))
        print(name, json.dumps({
            "AUC alike": round(area(*scored[0]), 4),
            "AUC early": round(area(*scored[1]), 4),
            "temperature": round(temperature(positive, logit), 3),
            "score at sensitivity": {s: point(positive, logit, s) for s in (0.99, 0.98, 0.97, 0.96, 0.95, 0.9)},
        }), flush=True)


def load(folder: Path) -> ChestNet:
    state = torch.load(folder / "last.pt")
    net = ChestNet(state["mean"], state["deviation"])
    net.load_state_dict(state["average"])
    return net.eval()


@torch.no_grad()
def score(nets: list[ChestNet], part: Part, views: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and mean logit of each image, or of each of its views."""
    if not views:
        return part.positive, np.mean([logits(net, part) for net in nets], 0)
    rows = []
    for _ in range(views):
        for i in range(0, len(part.names), 64):
            x = augment(torch.from_numpy(part.pixels[i : i + 64, None]).float() / 255)
            rows.append(np.mean([net(x)[:, 0].numpy() for net in nets], 0))
    return np.tile(part.positive, views), np.concatenate(rows)


def temperature(positive: np.ndarray, logit: np.ndarray) -> float:
    """T with the least log loss of sigmoid(logit / T)."""
    sign = np.where(positive, 1, -1)
    candidates = np.exp(np.linspace(-2, 2, 401))
    return float(candidates[np.argmin([np.logaddexp(0, -sign * logit / t).mean() for t in candidates])])


def point(positive: np.ndarray, logit: np.ndarray, sensitivity: float) -> dict[str, float]:
    """The score that this share of the positive ones reach, and the share of the others that do not."""
    threshold = np.quantile(logit[positive], 1 - sensitivity)
    return {
        "score": round(float(1 / (1 + np.exp(-threshold))), 4),
        "specificity": round(float((logit[~positive] < threshold).mean()), 3),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
