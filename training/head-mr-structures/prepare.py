"""One T1 head -> NAME.npz to train or measure on: `python prepare.py NAME OUT --teachers A.onnx B.onnx (--dicom DIR | --nifti FILE)`.

  image   uint8 [256, 256, 256], 1 mm, axes left, inferior, anterior, as the server's `conform`
  labels  uint8 of the same shape, places in LABELS: the mean of the teachers' softmaxes over the head and its mirror image,
          the largest component kept
  first   the same from the first teacher alone, one pass, as the kit runs it
"""

import argparse
from pathlib import Path

import nibabel
import numpy as np
import onnxruntime
import pydicom
from scipy import ndimage

LABELS = (
    "background",
    "cerebral white matter",
    "cerebral cortex",
    "lateral ventricles",
    "cerebellum",
    "deep grey",
    "third ventricle",
    "fourth ventricle",
    "brain stem",
    "hippocampi",
    "amygdalae",
    "ventral diencephalon",
)
# Place in LABELS of each of the teachers' 18 classes: the ventricles' inferior horns join them, the cerebellum is one, and thalami,
# caudate nuclei, putamina, pallida and accumbens areas are the deep grey.
MERGED = np.array([0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 6, 7, 8, 9, 10, 5, 11], np.uint8)
EDGE = 256


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name")
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--teachers", nargs="+", required=True)
    arguments.add_argument("--dicom", type=Path)
    arguments.add_argument("--nifti", type=Path)
    given = arguments.parse_args()
    voxels, affine = read_series(given.dicom) if given.dicom else read_nifti(given.nifti)
    image, _ = conform(voxels, affine)
    labels, first = teach(image, given.teachers)
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(given.out / f"{given.name}.npz", image=image, labels=labels, first=first)
    print(given.name, {name: round(int((labels == i).sum()) / 1000, 1) for i, name in enumerate(LABELS) if i}, "ml")


def read_series(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Voxels [column, row, slice] and their affine to RAS."""
    slices = [pydicom.dcmread(file) for file in sorted(folder.glob("*.dcm"))]
    across, down = np.split(np.array(slices[0].ImageOrientationPatient, float), 2)
    slices.sort(key=lambda s: np.dot(np.cross(across, down), np.array(s.ImagePositionPatient, float)))
    first, last = (np.array(slices[i].ImagePositionPatient, float) for i in (0, -1))
    row_spacing, column_spacing = (float(x) for x in slices[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = across * column_spacing, down * row_spacing
    affine[:3, 2], affine[:3, 3] = (last - first) / (len(slices) - 1), first
    values = [s.pixel_array * float(s.get("RescaleSlope", 1)) + float(s.get("RescaleIntercept", 0)) for s in slices]
    return np.stack(values).astype(np.float32).transpose(2, 1, 0), np.diag([-1, -1, 1, 1]) @ affine


def read_nifti(file: Path) -> tuple[np.ndarray, np.ndarray]:
    image = nibabel.load(file)
    return np.asanyarray(image.dataobj).astype(np.float32), image.affine


def conform(voxels: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """FreeSurfer's and niivue's conform: trilinear, 0 outside, minimum to 99.9th percentile of the non-zero values."""
    turn = np.array([[-1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
    conformed = np.eye(4)
    conformed[:3, :3] = turn
    conformed[:3, 3] = (affine @ np.append(np.array(voxels.shape) / 2, 1))[:3] - turn @ np.full(3, EDGE / 2)
    place = np.linalg.inv(affine) @ conformed
    out = ndimage.affine_transform(
        voxels, place[:3, :3], place[:3, 3], output_shape=(EDGE,) * 3, order=1, mode="constant", prefilter=False
    )
    low, high = float(voxels.min()), float(voxels.max())
    width = (high - low) / 1000
    counts = np.bincount(np.minimum((voxels.ravel() - low) / width, 999).astype(int), minlength=1000)
    wanted = voxels.size - int(0.001 * np.count_nonzero(np.abs(voxels) >= 1e-15))
    top = int(np.searchsorted(np.cumsum(counts), wanted)) - 1
    return np.clip(255 / (top * width) * (out - low), 0, 255).astype(np.uint8), conformed


def foreground(image: np.ndarray) -> tuple[np.ndarray, tuple[slice, ...]]:
    """The box of what is above a fifth of the greatest value, scaled to 0..1, and where it lies."""
    scaled = image.astype(np.float32)
    scaled = (scaled - scaled.min()) / (scaled.max() - scaled.min())
    above = scaled > 0.2
    spans = [np.flatnonzero(above.any(axis=tuple(b for b in range(3) if b != a))) for a in range(3)]
    box = tuple(slice(int(s[0]), int(s[-1]) + 1) for s in spans)
    return np.ascontiguousarray(scaled[box]), box


def largest(labels: np.ndarray) -> np.ndarray:
    """Without the parts that do not touch the largest one (26 neighbours, all labels together)."""
    parts, _ = ndimage.label(labels > 0, np.ones((3, 3, 3)))
    return labels * (parts == 1 + np.bincount(parts.ravel())[1:].argmax())


def teach(image: np.ndarray, teachers: list[str]) -> tuple[np.ndarray, np.ndarray]:
    x, box = foreground(image)
    total, first = np.zeros((len(LABELS), *x.shape), np.float32), None
    for teacher in teachers:
        session = onnxruntime.InferenceSession(teacher, providers=["CPUExecutionProvider"])
        for mirrored in (False, True):
            feed = np.ascontiguousarray(x[::-1]) if mirrored else x
            logits = session.run(None, {session.get_inputs()[0].name: feed[None, None]})[0][0]
            if mirrored:
                logits = logits[:, ::-1]
            elif first is None:
                first = MERGED[logits.argmax(0)]
            logits -= logits.max(0)
            np.exp(logits, out=logits)
            logits /= logits.sum(0)
            for i, place in enumerate(MERGED):
                total[place] += logits[i]
    return tuple(largest(_placed(labels, box, image.shape)) for labels in (total.argmax(0), first))


def _placed(labels: np.ndarray, box: tuple[slice, ...], shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, np.uint8)
    whole[box] = labels
    return whole


if __name__ == "__main__":
    main()
