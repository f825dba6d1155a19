"""Figures of sixty readings by statsmodels, scikit-learn, SciPy and NumPy.

    python test/oracle/review_figures.py > test/oracle/review-figures.json

The readings are made here by mulberry32, as in server/shared/random.ts, and written out with the figures. Needs numpy, scipy, scikit-learn,
statsmodels: the versions go into the JSON.
"""

import json
from importlib.metadata import version
from math import floor

import numpy as np
from scipy.stats import ks_2samp
from sklearn.metrics import cohen_kappa_score, confusion_matrix
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint


def mulberry32(seed):
    mask, state = 0xFFFFFFFF, seed
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = ((state ^ (state >> 15)) * (state | 1)) & mask
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & mask)) & mask
        yield ((t ^ (t >> 14)) & mask) / 4294967296


draw = mulberry32(60)
VERDICTS = ["agree", "disagree", "cannot-tell"]
SCANNERS = ["DR-A", "DR-B", "DR-C"]
THRESHOLD = 0.5
cases = []
for i in range(60):
    score = round(next(draw), 4)
    spacing = round(0.14 + 0.06 * next(draw) + (0.05 if i >= 40 else 0), 4)
    first = VERDICTS[min(2, floor(next(draw) * 3.2) and floor(next(draw) * 3))]
    same = next(draw) < 0.7
    second = first if same else VERDICTS[floor(next(draw) * 3)]
    truth = None if next(draw) < 0.4 else bool(next(draw) < (0.85 if score >= THRESHOLD else 0.1))
    cases.append(
        {"score": score, "positive": score >= THRESHOLD, "pixelSpacing": spacing, "scanner": SCANNERS[floor(next(draw) * 3)],
         "first": first, "second": second, "truth": truth}
    )


def wilson(k, n):
    low, high = proportion_confint(k, n, method="wilson")
    return {"k": int(k), "n": int(n), "share": k / n, "low": low, "high": high}


def psi(reference, now):
    """Bins hold a tenth of the reference each; an empty one counts as 1e-4."""
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    share = lambda values: np.maximum(np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) / len(values), 1e-4)
    then, since = share(reference), share(now)
    return float(np.sum((since - then) * np.log(since / then)))


decided = [c for c in cases if c["first"] != "cannot-tell"]
known = [c for c in cases if c["truth"] is not None]
tn, fp, fn, tp = (int(v) for v in confusion_matrix([c["truth"] for c in known], [c["positive"] for c in known], labels=[False, True]).ravel())
table = confusion_matrix([c["first"] for c in cases], [c["second"] for c in cases], labels=VERDICTS)
k = cohens_kappa(table)
assert abs(k.kappa - cohen_kappa_score([c["first"] for c in cases], [c["second"] for c in cases])) < 1e-12
drift = lambda name: {
    "psi": psi([c[name] for c in cases[:40]], [c[name] for c in cases[40:]]),
    "ks": float(ks_2samp([c[name] for c in cases[:40]], [c[name] for c in cases[40:]]).statistic),
}
print(json.dumps({
    "versions": {p: version(p) for p in ("numpy", "scipy", "scikit-learn", "statsmodels")},
    "cases": cases,
    "agreement": wilson(sum(c["first"] == "agree" for c in decided), len(decided)),
    "byScanner": {s: wilson(sum(c["first"] == "agree" for c in decided if c["scanner"] == s), sum(c["scanner"] == s for c in decided)) for s in SCANNERS},
    "truth": {"sensitivity": wilson(tp, tp + fn), "specificity": wilson(tn, tn + fp), "ppv": wilson(tp, tp + fp), "npv": wilson(tn, tn + fn)},
    "kappa": {"value": k.kappa, "low": k.kappa_low, "high": k.kappa_upp, "table": table.tolist()},
    "drift": {"score": drift("score"), "pixelSpacing": drift("pixelSpacing")},
    "edges": {"none": wilson(0, 7), "all": wilson(7, 7)},
}, indent=1))
