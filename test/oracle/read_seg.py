"""A SEG read by an independent reader: label map on the source grid, voxels and ml a segment, Dice against a NIfTI.

Needs: pip install highdicom pydicom nibabel

    python3 read_seg.py SEG.dcm SOURCE_FOLDER [--nifti LABELS.nii.gz] [--save LABELS.npz]

SOURCE_FOLDER holds the source images, in any order; the frames of the SEG are found by the source UIDs that they name, never by
their order. Prints JSON. With --nifti the exit code is 1 when a segment's Dice is below 0.995. The saved array `labels` is
[frame, row, column], frames ascending along row x column, and `uids` their SOP Instance UIDs.
"""
import argparse
import json
import pathlib
import sys

import highdicom as hd
import numpy as np
import pydicom

DICE = 0.995


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument('seg')
    arguments.add_argument('sources', type=pathlib.Path)
    arguments.add_argument('--nifti')
    arguments.add_argument('--save')
    given = arguments.parse_args()

    seg = hd.seg.segread(given.seg)
    sources = in_order([pydicom.dcmread(f, stop_before_pixels=True) for f in files(given.sources)])
    uids = [s.SOPInstanceUID for s in sources]
    labels = seg.get_pixels_by_source_instance(
        uids, combine_segments=True, relabel=False, assert_missing_frames_are_empty=True
    )
    expected = on_source_grid(given.nifti, sources) if given.nifti else None
    ml = voxel_mm3(sources) / 1000
    report = []
    for number in seg.segment_numbers:
        mask = labels == number
        row = {
            'number': int(number),
            'label': seg.get_segment_description(number).segment_label,
            'voxels': int(mask.sum()),
            'ml': round(float(mask.sum() * ml), 4),
        }
        if expected is not None:
            row['dice'] = round(dice(mask, expected == number), 6)
        report.append(row)
    print(json.dumps({'shape': labels.shape, 'segments': report}, indent=1))
    if given.save:
        np.savez_compressed(given.save, labels=labels.astype(np.uint8), uids=np.array(uids))
    return int(any(r.get('dice', 1) < DICE for r in report))


def files(folder):
    return sorted(f for f in folder.rglob('*') if f.is_file() and pydicom.misc.is_dicom(f))


def normal(source):
    row, column = np.array(source.ImageOrientationPatient, float).reshape(2, 3)
    return np.cross(row, column)


def in_order(sources):
    along = normal(sources[0])
    return sorted(sources, key=lambda s: float(np.dot(along, np.array(s.ImagePositionPatient, float))))


def voxel_mm3(sources):
    down, across = (float(v) for v in sources[0].PixelSpacing)
    along = normal(sources[0])
    at = [float(np.dot(along, np.array(s.ImagePositionPatient, float))) for s in sources]
    return down * across * (float(np.mean(np.diff(at))) if len(at) > 1 else float(sources[0].SliceThickness))


def on_source_grid(path, sources):
    """The NIfTI's labels at the centre of each source pixel: LPS to RAS, nearest voxel."""
    import nibabel

    image = nibabel.load(path)
    data = np.asarray(image.dataobj)
    to_voxel = np.linalg.inv(image.affine)
    out = np.zeros((len(sources), sources[0].Rows, sources[0].Columns), data.dtype)
    r, c = np.mgrid[0 : sources[0].Rows, 0 : sources[0].Columns]
    for z, s in enumerate(sources):
        row, column = np.array(s.ImageOrientationPatient, float).reshape(2, 3)
        down, across = (float(v) for v in s.PixelSpacing)
        lps = np.array(s.ImagePositionPatient, float) + c[..., None] * across * row + r[..., None] * down * column
        ras = lps * [-1, -1, 1]
        ijk = np.rint(ras @ to_voxel[:3, :3].T + to_voxel[:3, 3]).astype(int)
        inside = np.all((ijk >= 0) & (ijk < data.shape), axis=-1)
        out[z][inside] = data[tuple(ijk[inside].T)]
    return out


def dice(a, b):
    total = a.sum() + b.sum()
    return float(2 * (a & b).sum() / total) if total else 1.0


if __name__ == '__main__':
    sys.exit(main())
