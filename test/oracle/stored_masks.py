"""Masks of a stored SEG against a label map on the source grid, read by pydicom and nibabel: part of the test run.

Needs Debian's python3-pydicom and python3-nibabel.

    python3 stored_masks.py SEG.dcm SOURCE_FOLDER LABELS.nii.gz

Each frame is placed by the source image that it names, never by its order. LABELS is on the source grid, [column, row, slice] with
the slices ascending along row x column. Prints JSON: for each segment number its voxels and its Dice against LABELS.
"""
import json
import pathlib
import sys

import nibabel
import numpy as np
import pydicom


def main(seg_path, source_folder, labels_path):
    slices = slice_of_each_source(source_folder)
    expected = np.asarray(nibabel.load(labels_path).dataobj).transpose(2, 1, 0)
    seg = pydicom.dcmread(seg_path)
    frames = seg.pixel_array
    masks = {int(s.SegmentNumber): np.zeros(expected.shape, bool) for s in seg.SegmentSequence}
    for pixels, group in zip(frames, seg.PerFrameFunctionalGroupsSequence, strict=True):
        number = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        masks[number][slices[source]] = pixels.astype(bool)
    print(json.dumps({n: {'voxels': int(m.sum()), 'dice': dice(m, expected == n)} for n, m in masks.items()}))


def slice_of_each_source(folder):
    sources = [pydicom.dcmread(f, stop_before_pixels=True) for f in pathlib.Path(folder).glob('*.dcm')]
    row, column = np.array(sources[0].ImageOrientationPatient, float).reshape(2, 3)
    normal = np.cross(row, column)
    sources.sort(key=lambda s: float(normal @ np.array(s.ImagePositionPatient, float)))
    return {s.SOPInstanceUID: i for i, s in enumerate(sources)}


def dice(a, b):
    total = int(a.sum() + b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0


main(*sys.argv[1:])
