"""What other libraries make of small, tilted, anisotropic volumes: `python3 steps.py > steps.json`.

SimpleITK 2.5.7 (resampling), nibabel 5.4.2 (orientation), scikit-image 0.26.0 and OpenCV 5.0 (resizing), SciPy 1.17.1 (sheared
grids), NumPy 2.4.6 (intensities). The volumes are made by the same formula here and in test/infer/steps.test.ts.
"""

import json

import cv2
import nibabel as nib
import numpy as np
import scipy.ndimage
import SimpleITK as sitk
import skimage.transform

SHAPE = (6, 5, 4)  # frame, row, column


def values(shape=SHAPE):
    i = np.arange(np.prod(shape), dtype=np.float64)
    return np.round(100 * np.sin(i * 0.37) + 40 * np.cos(i * 0.11) + (i % 7) * 10).astype(np.float32).reshape(shape)


def turned(a, b, c):
    """Direction cosines of rotations about x, y, z in degrees."""
    a, b, c = np.radians([a, b, c])
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return x @ y @ z


def lps(direction, spacing, origin):
    """(column, row, frame) to LPS."""
    affine = np.eye(4)
    affine[:3, :3] = direction @ np.diag(spacing)
    affine[:3, 3] = origin
    return affine


VOLUMES = {
    "tilted": lps(turned(12, -7, 20), [0.9, 1.3, 2.5], [-12.5, 7.25, 90]),
    "sagittal": lps(turned(5, 3, -4) @ np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]], float), [1.1, 0.8, 3], [40, -20, 5]),
    "decubitus": lps(turned(-3, 8, 91), [1.5, 1.5, 2], [3, 4, 5]),
}
cases = []


def case(volume, steps, data, affine=None):
    """`affine`: (i, j, k) of the result to LPS."""
    out = {"volume": volume, "steps": steps, "shape": list(data.shape), "data": np.asarray(data, float).round(5).flatten().tolist()}
    if affine is not None:
        out["affine"] = np.asarray(affine).round(6).flatten().tolist()
    cases.append(out)


def kji(affine):
    """An affine of (column, row, frame) as one of (frame, row, column)."""
    return affine[:, [2, 1, 0, 3]]


def image(affine):
    out = sitk.GetImageFromArray(values())
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    out.SetSpacing(spacing.tolist())
    out.SetDirection((affine[:3, :3] / spacing).flatten().tolist())
    out.SetOrigin(affine[:3, 3].tolist())
    return out


# to spacing: SimpleITK on the grid of the same centre and extent; nearest where no new voxel lies half-way between two old ones
NEAREST = {"tilted": (1.27, 2.1, 0.63), "sagittal": (1.27, 2.1, 0.7), "decubitus": (1.45, 2.4, 0.95)}
for name, affine in VOLUMES.items():
    for mm, kind in [((1.0, 1.0, 1.0), "linear"), (NEAREST[name], "nearest"), ((4.0, 3.0, 2.0), "linear")]:
        source = image(affine)
        size = np.array(source.GetSize(), float)
        spacing = np.array(source.GetSpacing())
        new = np.array(mm[::-1])
        count = np.maximum(1, np.floor(size * spacing / new + 0.500001)).astype(int)
        direction = np.array(source.GetDirection()).reshape(3, 3)
        middle = np.array(source.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist()))
        origin = middle - direction @ ((count - 1) / 2 * new)
        method = {"linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor}[kind]
        moved = sitk.Resample(source, count.tolist(), sitk.Transform(), method, origin.tolist(), new.tolist(), source.GetDirection(), -1000.0)
        case(name, [{"step": "spacing", "mm": list(mm), "interpolation": kind, "outside": -1000}], sitk.GetArrayFromImage(moved), kji(lps(direction, new, origin)))

# orientation: nibabel, which speaks of RAS
for name, affine in VOLUMES.items():
    for axes in ["LPS", "RAS", "LIA", "SAR"]:
        ras = np.diag([-1, -1, 1, 1]) @ kji(affine)
        start = nib.orientations.io_orientation(ras)
        wanted = nib.orientations.axcodes2ornt(axes, (("L", "R"), ("P", "A"), ("I", "S")))
        change = nib.orientations.ornt_transform(start, wanted)
        moved = nib.Nifti1Image(values(), ras).as_reoriented(change)
        case(name, [{"step": "orient", "axes": axes}], np.asarray(moved.dataobj), np.diag([-1, -1, 1, 1]) @ moved.affine)

# resize: scikit-image linear, OpenCV and SciPy nearest, OpenCV area plane by plane
name, affine = "tilted", VOLUMES["tilted"]
for size in [(9, 7, 5), (3, 4, 2)]:
    linear = skimage.transform.resize(values().astype(np.float64), size, order=1, mode="edge", anti_aliasing=False, preserve_range=True)
    case(name, [{"step": "resize", "size": list(size), "interpolation": "linear"}], linear)
halved = skimage.transform.downscale_local_mean(values(), (2, 1, 2))
case(name, [{"step": "resize", "size": [3, 5, 2], "interpolation": "area"}], halved)
planes = np.stack([cv2.resize(p, (3, 3), interpolation=cv2.INTER_AREA) for p in values()])
case(name, [{"step": "resize", "size": [6, 3, 3], "interpolation": "area"}], planes)
nearest = scipy.ndimage.zoom(values(), (1, 7 / 5, 5 / 4), order=0, grid_mode=True, mode="nearest")
case(name, [{"step": "resize", "size": [6, 7, 5], "interpolation": "nearest"}], nearest)

# crop and pad, as MONAI's CenterSpatialCrop and SpatialPad count
v = values()
case(name, [{"step": "crop", "size": [3, 2, 9]}], v[3 - 1 : 3 + 2, 2 - 1 : 2 + 1, :])
case(name, [{"step": "pad", "size": [9, 3, 5], "outside": -7}], np.pad(v, ((1, 2), (0, 0), (0, 1)), constant_values=-7))
case(name, [{"step": "padToMultiple", "of": 4, "outside": 0}], np.pad(v, ((1, 1), (1, 2), (0, 0))))
box = np.argwhere(v > 120)
low, high = np.maximum(box.min(0) - 1, 0), np.minimum(box.max(0) + 1, np.array(SHAPE) - 1)
case(name, [{"step": "foreground", "above": 120, "padding": 1}], v[low[0] : high[0] + 1, low[1] : high[1] + 1, low[2] : high[2] + 1])

# intensities
holes = np.where(v < 0, np.float32(0), v)
positive = [{"step": "clip", "low": 0, "high": 1000}]
case(name, [{"step": "minmax"}], (v - v.min()) / (v.max() - v.min()))
case(name, [{"step": "zscore"}], (v - v.mean(dtype=float)) / v.std(dtype=float))
some = holes[holes != 0].astype(float)
case(name, [*positive, {"step": "zscore", "of": "nonzero"}], np.where(holes != 0, (holes - some.mean()) / some.std(), 0))
p = np.percentile(v.astype(float), [0.5, 99.5])
case(name, [{"step": "clipPercentiles", "low": 0.5, "high": 99.5}], np.clip(v, *p))
p = np.percentile(some, [5, 90])
case(name, [*positive, {"step": "clipPercentiles", "low": 5, "high": 90, "of": "nonzero"}], np.where(holes != 0, np.clip(holes, *p), 0))
case(name, [{"step": "standardise", "mean": 12.5, "std": 3}], (v - 12.5) / 3)
case(name, [{"step": "window", "centre": 40, "width": 100, "unit": "HU"}], np.clip((v - 40) / 100 + 0.5, 0, 1))

# a sheared grid: SciPy on the box that holds it, frames along the normal
sheared = VOLUMES["tilted"].copy()
sheared[:3, 2] += 0.8 * sheared[:3, 1] / 1.3
VOLUMES["sheared"] = sheared
row, column = sheared[:3, 0] / 0.9, sheared[:3, 1] / 1.3
axes = np.stack([np.cross(row, column), column, row], 1)
corner = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in SHAPE[::-1]], indexing="ij")).reshape(3, -1)
reach = axes.T @ (sheared[:3, :3] @ corner + sheared[:3, 3:])
mm = np.array([2.0, 1.0, 1.5])
count = np.round((reach.max(1) - reach.min(1)) / mm).astype(int)
first = (reach.max(1) + reach.min(1)) / 2 - (count - 1) / 2 * mm
target = np.eye(4)
target[:3, :3] = axes * mm
target[:3, 3] = axes @ first
index = np.array(np.meshgrid(*[np.arange(n) for n in count], indexing="ij")).reshape(3, -1)
at = (np.linalg.inv(kji(sheared)) @ target @ np.vstack([index, np.ones(index.shape[1])]))[:3]
inside = np.all((at >= -0.5) & (at < np.array(SHAPE)[:, None] - 0.5), 0)
sampled = scipy.ndimage.map_coordinates(values().astype(float), at, order=1, mode="nearest")
moved = np.where(inside, sampled, -1000).reshape(count)
case("sheared", [{"step": "spacing", "mm": mm.tolist(), "interpolation": "linear", "outside": -1000}], moved, target)

print(json.dumps({"shape": SHAPE, "volumes": {n: a.round(12).flatten().tolist() for n, a in VOLUMES.items()}, "cases": cases}))
