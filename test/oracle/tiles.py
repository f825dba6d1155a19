"""Sliding windows by NumPy and SciPy, for test/infer/tiles.test.ts: python3 test/oracle/tiles.py > test/oracle/tiles.json

A tile is not run through a network but through a formula that depends on the place in the tile, so that placing, weights and padding
all show in the result: channel c of a tile x is (c + 1) * x + 10 * i + 100 * c * j - k, at [i, j, k] of the tile.

monai: roi windows of int(roi * (1 - overlap)) steps, the last moved back to the end; a Gaussian exp(-t^2 / 2 s^2), t = -(n - 1)/2 ..
(n - 1)/2, s = n / 8, not under 1e-3. nnunet: ceil((N - n) / (n * step)) + 1 windows at rounded even distances; scipy.ndimage's
gaussian_filter of one voxel at n // 2, divided by its maximum.

Made with NumPy 1.24 and SciPy 1.10.
"""
import itertools
import json

import numpy as np
import scipy.ndimage


def values(shape):
    i = np.arange(np.prod(shape))
    return np.round(100 * np.sin(i * 0.37) + 40 * np.cos(i * 0.11) + (i % 7) * 10).reshape(shape)


def model(tile, channels):
    i, j, k = np.indices(tile.shape)
    return np.stack([(c + 1) * tile + 10 * i + 100 * c * j - k for c in range(channels)])


def monai(n, roi, overlap):
    step = max(1, int(roi * (1 - overlap)))
    starts, at = [], 0
    while True:
        starts.append(min(at, n - roi))
        if at + roi >= n:
            return starts
        at += step


def nnunet(n, tile, overlap):
    count = int(np.ceil((n - tile) / (tile * (1 - overlap)))) + 1
    return [int(v) for v in np.round(np.linspace(0, n - tile, count))] if count > 1 else [0]


def weights(size, blend, by):
    if blend == "constant":
        return np.ones(size)
    if by == "nnunet":
        one = np.zeros(size)
        one[tuple(n // 2 for n in size)] = 1
        # Not cut off at four deviations, as the filter does by itself: there nnU-Net puts its least weight.
        w = scipy.ndimage.gaussian_filter(one, [n / 8 for n in size], mode="constant", truncate=16)
        return np.maximum(w / w.max(), 2.0**-24 / 10)
    lines = [np.exp(-0.5 * ((np.arange(n) - (n - 1) / 2) / (n / 8)) ** 2) for n in size]
    return np.maximum(lines[0][:, None, None] * lines[1][None, :, None] * lines[2][None, None, :], 1e-3)


def run(shape, size, overlap, blend, by, outside=0.0, channels=2):
    grid = values(shape)
    missing = [max(0, s - n) for n, s in zip(shape, size)]
    grid = np.pad(grid, [(m // 2, m - m // 2) for m in missing], constant_values=outside)
    place = monai if by == "monai" else nnunet
    starts = [place(n, s, overlap) for n, s in zip(grid.shape, size)]
    w = weights(size, blend, by)
    total, weight = np.zeros((channels, *grid.shape)), np.zeros(grid.shape)
    count = 0
    for at in itertools.product(*starts):
        window = tuple(slice(a, a + s) for a, s in zip(at, size))
        total[(slice(None), *window)] += w * model(grid[window], channels)
        weight[window] += w
        count += 1
    logits = total / weight
    return {
        "shape": shape,
        "tiles": {"size": size, "overlap": overlap, "blend": blend, "by": by, "outside": outside},
        "starts": starts,
        "padded": grid.shape,
        "count": count,
        "logits": [float(f"{v:.7g}") for v in logits.flatten()],
    }


cases = [
    run((9, 8, 7), (4, 4, 4), 0.5, "constant", "monai"),
    run((9, 8, 7), (4, 5, 3), 0.25, "gaussian", "monai"),
    run((11, 5, 6), (6, 5, 4), 0.625, "gaussian", "monai"),
    run((5, 9, 4), (8, 4, 4), 0.5, "gaussian", "monai", outside=-50.0),
    run((9, 8, 7), (4, 4, 4), 0.5, "gaussian", "nnunet"),
    run((13, 7, 9), (6, 5, 4), 0.5, "gaussian", "nnunet"),
    run((6, 7, 9), (6, 8, 5), 0.0, "constant", "nnunet"),
]
print(json.dumps(cases))
