"""The rule of models/ct-body-basics in NumPy and SciPy: `python3 body_basics.py <folder of an axial CT> > body-basics.json`.

pydicom 3.0.2 with pyjpegls 1.5.1 (reading), NumPy 2.4.6, SciPy 1.17.1. Written from the words of model.yaml and card.md, not from make.ts.
"""

import glob
import json
import sys

import numpy as np
import pydicom
from scipy import ndimage

MM = (2.5, 1.25, 1.25)
BANDS = [("Aerated lung", -950, -250), ("Fat", -250, -30), ("Soft tissue", -30, 200), ("Dense (bone, contrast, metal)", 200, np.inf)]

slices = sorted(
    (pydicom.dcmread(file) for file in glob.glob(f"{sys.argv[1]}/*.dcm")), key=lambda d: d.ImagePositionPatient[2]
)
assert list(slices[0].ImageOrientationPatient) == [1, 0, 0, 0, 1, 0], "rows must run to the left and columns to posterior"
hu = np.stack([d.pixel_array * np.float64(d.RescaleSlope) + d.RescaleIntercept for d in slices]).astype(np.float32)
step = (slices[1].ImagePositionPatient[2] - slices[0].ImagePositionPatient[2], *map(float, slices[0].PixelSpacing))

# Voxels of MM around the same centre, over the same extent.
size = [round(n * s / mm) for n, s, mm in zip(hu.shape, step, MM)]
at = [(n - 1) / 2 + (np.arange(m) - (m - 1) / 2) * mm / s for n, s, mm, m in zip(hu.shape, step, MM, size)]
grid = ndimage.map_coordinates(hu, np.meshgrid(*at, indexing="ij"), order=1, mode="constant", cval=hu.min())

box = np.ones((3, 5, 5))
smooth = ndimage.convolve(grid, box, mode="constant") / ndimage.convolve(np.ones_like(grid), box, mode="constant")

square = np.ones((1, 5, 5), bool)
body = ndimage.binary_dilation(ndimage.binary_erosion(smooth >= -250, square, border_value=1), square)


def before(mask, axis):
    return np.maximum.accumulate(mask, axis)


def behind(mask, axis):
    return np.flip(np.maximum.accumulate(np.flip(mask, axis), axis), axis)


inside = before(body, 1) & behind(body, 1) & before(body, 2) & behind(body, 2)

labels = np.zeros(grid.shape, np.uint8)
for label, (_, low, high) in enumerate(BANDS, start=1):
    labels[inside & (smooth >= low) & (smooth < high)] = label

# The largest piece, joined also by edges and corners.
pieces, _ = ndimage.label(labels > 0, np.ones((3, 3, 3)))
labels[pieces != np.bincount(pieces[pieces > 0]).argmax()] = 0

# Back to the source's voxels: the nearest.
back = [
    np.clip(np.floor((np.arange(n) - (n - 1) / 2) * s / mm + (m - 1) / 2 + 0.5).astype(int), 0, m - 1)
    for n, s, mm, m in zip(hu.shape, step, MM, size)
]
source = labels[np.ix_(*back)]
print(
    json.dumps(
        {name: round(float((source == label).sum() * np.prod(step) / 1000), 3) for label, (name, _, _) in enumerate(BANDS, start=1)},
        indent=1,
    )
)
