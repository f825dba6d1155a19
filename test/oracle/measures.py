"""Measures of one map of one small score, by Quantus, over the perturbations that our measures draw.

    python test/oracle/measures.py > test/oracle/measures.json

score(x) = tanh(Σ w x) + 0.1 Σ v x² over a 6 × 6 image; its map is x times the gradient. The random numbers are mulberry32, as in
server/shared/random.ts. Needs torch, quantus, numpy: the versions go into the JSON.
"""

import json
import warnings
from importlib.metadata import version
from math import cos, log, pi, sqrt

import numpy as np
import quantus
import torch
from export_models import wave

warnings.simplefilter("ignore")
EDGE = 6
RUNS, SIGMA, RADIUS = 20, 0.2, 0.1
tensor = lambda phase: wave(EDGE * EDGE, phase).astype(np.float32).reshape(1, 1, EDGE, EDGE)
x, w, v = tensor(0.1), 0.3 * tensor(1.2), tensor(2.3)


class Score(torch.nn.Module):
    def forward(self, x):
        x = x.double()
        return (torch.tanh((torch.from_numpy(w) * x).sum((1, 2, 3))) + 0.1 * (torch.from_numpy(v) * x**2).sum((1, 2, 3)))[:, None]


def x_gradient(x):
    x = torch.from_numpy(np.float32(x)).double().requires_grad_()
    (g,) = torch.autograd.grad(Score()(x).sum(), x)
    return (x * g).detach().numpy(), g.numpy()


def mulberry32(seed):
    mask, state = 0xFFFFFFFF, seed
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = state
        t = ((t ^ (t >> 15)) * (t | 1)) & mask
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & mask)) & mask
        yield ((t ^ (t >> 14)) & mask) / 2**32


def perturbed(change):
    """A perturb_func of Quantus that does `change` to all places, whatever indices it is given."""
    return lambda arr, indices, **_: np.float32(arr + change(arr.size).reshape(arr.shape))


def measure(kind, a, s=None, **options):
    calls = dict(model=Score().eval(), x_batch=x, y_batch=np.array([0]), a_batch=a.copy(), s_batch=s, softmax=False, device="cpu")
    explain = options.pop("explain_func", None)
    metric = kind(abs=options.pop("abs", False), normalise=False, disable_warnings=True, display_progressbar=False, **options)
    return np.asarray(metric(**calls, explain_func=explain, explain_func_kwargs={}))[0].tolist()


def faithfulness_correlation(a):
    random = mulberry32(1)
    real = np.random.choice
    np.random.choice = lambda n, *_, **__: np.array([i for i, r in enumerate([next(random) for _ in range(n)]) if r >= 0.5])
    found = measure(quantus.FaithfulnessCorrelation, a, nr_runs=RUNS, subset_size=1, perturb_baseline=0.0)
    np.random.choice = real
    return found


def infidelity(a):
    random = mulberry32(1)
    normal = lambda: sqrt(-2 * log(1 - next(random))) * cos(2 * pi * next(random))
    noise = lambda n: -np.float32([SIGMA * normal() for _ in range(n)])
    # One patch covers the image, so that each sample is one perturbation.
    return measure(quantus.Infidelity, a, n_perturb_samples=RUNS, perturb_patch_sizes=[EDGE], perturb_func=perturbed(noise))


def max_sensitivity(a):
    random = mulberry32(1)
    moved = lambda n: np.array([RADIUS * (2 * next(random) - 1) for _ in range(n)])
    explain = lambda inputs, **_: x_gradient(inputs)[0]
    return measure(quantus.MaxSensitivity, a, nr_samples=RUNS, perturb_func=perturbed(moved), explain_func=explain)


def main():
    a, gradient = x_gradient(x)
    mask = np.zeros_like(x, dtype=bool)
    mask[..., 1:4, 2:6] = True
    positive = np.maximum(a, 0)
    kinds = (
        quantus.FaithfulnessCorrelation, quantus.Infidelity, quantus.MaxSensitivity, quantus.Sparseness, quantus.Complexity,
        quantus.RelevanceMassAccuracy, quantus.PointingGame, quantus.PixelFlipping, quantus.MPRT,
    )
    print(json.dumps({
        "versions": {p: version(p) for p in ("quantus", "torch", "numpy")},
        "runs": RUNS, "sigma": SIGMA, "radius": RADIUS,
        "directions": {kind.__name__: kind.score_direction.value for kind in kinds},
        "mask": mask.astype(int).ravel().tolist(),
        "map": a.ravel().tolist(),
        "values": {
            "FaithfulnessCorrelation": faithfulness_correlation(a),
            "Infidelity": infidelity(gradient),
            "MaxSensitivity": max_sensitivity(a),
            "Sparseness": measure(quantus.Sparseness, a, abs=True),
            "Complexity": measure(quantus.Complexity, a, abs=True),
            "RelevanceMassAccuracy": measure(quantus.RelevanceMassAccuracy, positive, mask),
            "PointingGame": bool(measure(quantus.PointingGame, a, mask)),
        },
        "PixelFlipping": measure(quantus.PixelFlipping, a, features_in_step=4, perturb_baseline=0.0),
    }))


if __name__ == "__main__":
    main()
