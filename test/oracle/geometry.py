"""Where other readers place the kit's series: `python3 geometry.py KIT > geometry.json`.

Affines are row-major 4 × 4, (column, row, frame, 1) to LPS millimetres. Single-frame series by SimpleITK 2.5.7 (GDCM), each in a
folder of its own; enhanced images by highdicom 0.28.2.
"""

import json
import os
import sys
import tempfile
import warnings

import highdicom
import numpy as np
import pydicom
import SimpleITK as sitk

warnings.simplefilter("ignore")
sitk.ProcessObject.SetGlobalWarningDisplay(False)
root = sys.argv[1]


def by_simpleitk(folder):
    reader = sitk.ImageSeriesReader()
    # A gantry tilt stays in the direction of the frames.
    reader.ForceOrthogonalDirectionOff()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(os.path.join(root, folder)))
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return affine, image.GetSize()[::-1]


def by_highdicom(file):
    image = highdicom.Image.from_dataset(pydicom.dcmread(os.path.join(root, file)))
    geometry = image.get_volume_geometry()
    # highdicom counts (frame, row, column); frames in the order that it thinks right.
    affine = geometry.affine[:, [2, 1, 0, 3]]
    return affine, geometry.spatial_shape


def turned(affine, shape):
    """The same grid with its frames counted along row × column, as server/retrieve does."""
    row, column, frame = affine[:3, 0], affine[:3, 1], affine[:3, 2]
    if np.dot(np.cross(row, column), frame) >= 0:
        return affine
    out = affine.copy()
    out[:3, 3] += frame * (shape[0] - 1)
    out[:3, 2] = -frame
    return out


found = {}
SERIES = [
    "A_brain_mri/dicom/datalad_t1_every2nd",
    "A_brain_mri/dicom/vs_seg_001",
    "C_ct/dicom_chest_lung",
    "E_hostile/geometry/dicom2nifti_failing/gantrytilting/001",
    "E_hostile/geometry/dicom2nifti_failing/slicecount/001",
    "E_hostile/synthetic/series_ok",
    "E_hostile/synthetic/series_instance_number_lies",
]
for folder in SERIES:
    affine, shape = by_simpleitk(folder)
    found[folder] = {"by": "SimpleITK", "shape": list(shape), "affine": turned(affine, shape).round(9).flatten().tolist()}
for base, _, names in sorted(os.walk(root)):
    for name in sorted(names):
        path = os.path.relpath(os.path.join(base, name), root)
        try:
            ds = pydicom.dcmread(os.path.join(root, path), stop_before_pixels=True)
            if "PerFrameFunctionalGroupsSequence" not in ds:
                continue
            affine, shape = by_highdicom(path)
        except Exception:
            continue
        # One frame says no spacing; tiles and overlapping segments are no stack of planes.
        if shape[0] == 1 or shape[0] != ds.NumberOfFrames or "TotalPixelMatrixColumns" in ds:
            continue
        found[path] = {"by": "highdicom", "shape": [int(n) for n in shape], "affine": turned(affine, shape).round(9).flatten().tolist()}
print(json.dumps(found, indent=0))
