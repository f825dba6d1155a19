"""Figures of readings by SciPy and NumPy. JSON on standard input, JSON out.

In: {"cases": [{"verdict", "positive", "truth", "first", "second", "score", "inputs": {name: number}}], "reference": the same of score and inputs alone}.
"""

import json
import sys

import numpy as np
from scipy.stats import binomtest, ks_2samp
from scipy.stats.contingency import crosstab

VERDICTS = ["agree", "disagree", "cannot-tell"]
given = json.load(sys.stdin)
cases, reference = given["cases"], given["reference"]


def wilson(k, n):
    if n == 0:
        return {"k": 0, "n": 0}
    interval = binomtest(k, n).proportion_ci(0.95, "wilson")
    return {"k": k, "n": n, "share": k / n, "low": interval.low, "high": interval.high}


def kappa():
    pairs = [c for c in cases if c["first"] and c["second"]]
    of = lambda name: np.array([c[name] for c in pairs])
    _, table = crosstab(of("first"), of("second"), levels=(VERDICTS, VERDICTS))
    share = table / table.sum()
    chance = float(share.sum(axis=1) @ share.sum(axis=0))
    observed = float(np.trace(share))
    return {"value": (observed - chance) / (1 - chance), "n": len(pairs), "agreed": int(np.trace(table))}


def moved(then, now):
    edges = np.unique(np.quantile(then, np.arange(1, 10) / 10))
    shares = lambda v: np.maximum(np.bincount(np.searchsorted(edges, v, side="left"), minlength=len(edges) + 1) / len(v), 1e-4)
    a, b = shares(now), shares(then)
    return {"psi": float(np.sum((a - b) * np.log(a / b))), "ks": float(ks_2samp(then, now).statistic)}


count = lambda **wanted: sum(all(c[k] == v for k, v in wanted.items()) for c in cases)
tp, fp = count(truth=True, positive=True), count(truth=False, positive=True)
fn, tn = count(truth=True, positive=False), count(truth=False, positive=False)
agree, disagree, cannot = (count(verdict=v) for v in VERDICTS)
print(json.dumps({
    "reviewed": wilson(agree + disagree + cannot, len(cases)),
    "agreement": wilson(agree, agree + disagree),
    "cannotTell": wilson(cannot, agree + disagree + cannot),
    "truth": {
        "n": tp + fp + fn + tn,
        "sensitivity": wilson(tp, tp + fn),
        "specificity": wilson(tn, tn + fp),
        "ppv": wilson(tp, tp + fp),
        "npv": wilson(tn, tn + fn),
    },
    "kappa": kappa(),
    "drift": {
        "score": moved([c["score"] for c in reference], [c["score"] for c in cases]),
        **{name: moved([c["inputs"][name] for c in reference], [c["inputs"][name] for c in cases]) for name in reference[0]["inputs"]},
    },
}))
