"""Pixels of SEG, label map and Parametric Map objects by the source frame that they belong to, read by another mind.

Needs: pydicom and numpy (run with Debian's 2.3.1), and for --by highdicom also highdicom (run with 0.28.2 on pydicom 3.0.2)

    python3 read_pixels.py [--by highdicom] OBJECT.dcm...

Prints one JSON line an object: `frames`, a list of {uid, frame, dtype, pixels}: the source's SOP Instance UID, its frame number or
null, and the labels (0 where no segment is, as uint16) or the values (float32) in base64, little endian. `segments` are the numbers
of the described segments in their order.
"""
import argparse
import base64
import json
import warnings

import numpy as np
import pydicom

warnings.simplefilter('ignore')
PARAMETRIC_MAP = '1.2.840.10008.5.1.4.1.1.30'


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--by', choices=['pydicom', 'highdicom'], default='pydicom')
    arguments.add_argument('objects', nargs='+')
    given = arguments.parse_args()
    read = by_highdicom if given.by == 'highdicom' else by_pydicom
    for name in given.objects:
        dataset = pydicom.dcmread(name)
        segments = [int(s.SegmentNumber) for s in dataset.get('SegmentSequence', [])]
        frames = [
            {'uid': uid, 'frame': frame, 'pixels': base64.b64encode(pixels.tobytes()).decode()}
            for (uid, frame), pixels in read(name, dataset).items()
        ]
        print(json.dumps({'segments': segments, 'frames': frames}))


def sources(dataset):
    """The source of each frame, as (UID, frame number or None)."""
    for groups in dataset.PerFrameFunctionalGroupsSequence:
        image = groups.DerivationImageSequence[0].SourceImageSequence[0]
        frame = image.get('ReferencedFrameNumber')
        yield str(image.ReferencedSOPInstanceUID), None if frame is None else int(frame)


def by_pydicom(name, dataset):
    pixels = dataset.pixel_array
    pixels = pixels.reshape(-1, dataset.Rows, dataset.Columns)
    found = {}
    for i, source in enumerate(sources(dataset)):
        if dataset.SOPClassUID == PARAMETRIC_MAP:
            found[source] = pixels[i].astype('<f4')
            continue
        labels = found.setdefault(source, np.zeros(pixels[i].shape, '<u2'))
        if dataset.SegmentationType == 'LABELMAP':
            labels[:] = pixels[i]
        else:
            number = dataset.PerFrameFunctionalGroupsSequence[i].SegmentIdentificationSequence[0].ReferencedSegmentNumber
            labels[pixels[i] != 0] = number
    return found


def by_highdicom(name, dataset):
    import highdicom as hd

    every = list(dict.fromkeys(sources(dataset)))
    if dataset.SOPClassUID == PARAMETRIC_MAP:
        frames = hd.imread(name).get_frames(apply_real_world_transform=True, dtype=np.float64)
        return {source: frames[i].astype('<f4') for i, source in enumerate(sources(dataset))}
    seg = hd.seg.segread(name)
    options = {
        'combine_segments': True,
        'relabel': False,
        'assert_missing_frames_are_empty': True,
        'ignore_spatial_locations': True,
        'segment_numbers': [n for n in seg.segment_numbers if n > 0],
    }
    found = {}
    for uid, frame in every:
        if frame is None:
            found[uid, frame] = seg.get_pixels_by_source_instance([uid], **options)[0].astype('<u2')
        else:
            found[uid, frame] = seg.get_pixels_by_source_frame(uid, [frame], **options)[0].astype('<u2')
    return found


main()
