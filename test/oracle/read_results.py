"""Every object of an analysis read by highdicom and pydicom: what a reader without our panel finds.

Needs: pip install highdicom pydicom

    python3 read_results.py OBJECT.dcm...

Prints one JSON line an object. An object that an oracle cannot read ends the script with its error.
"""
import json
import sys
import warnings

import highdicom as hd
import numpy as np
import pydicom

warnings.simplefilter('ignore')


def read(path):
    sop = pydicom.dcmread(path, stop_before_pixels=True).SOPClassUID.name
    if sop == 'Comprehensive 3D SR Storage':
        content = hd.sr.srread(path).content
        groups = (
            content.get_image_measurement_groups()
            + content.get_planar_roi_measurement_groups()
            + content.get_volumetric_roi_measurement_groups()
        )
        return {'groups': [group(g) for g in groups]}
    if sop == 'Segmentation Storage':
        seg = hd.seg.segread(path)
        return {
            'segments': [seg.get_segment_description(n).segment_label for n in seg.segment_numbers],
            'frames': int(seg.NumberOfFrames),
        }
    if sop == 'Parametric Map Storage':
        volume = hd.imread(path).get_volume(apply_real_world_transform=True)
        return {'shape': volume.spatial_shape, 'spacing': volume.spacing, **extent(volume.array)}
    image = pydicom.dcmread(path)
    mapping = image.get('RealWorldValueMappingSequence')
    values = image.pixel_array.astype(float)
    if mapping:
        values = values * mapping[0].RealWorldValueSlope + mapping[0].RealWorldValueIntercept
    return {'shape': values.shape, **extent(values)}


def group(g):
    return {
        'tracking': g.tracking_identifier,
        'finding': g.finding_type.meaning if g.finding_type else None,
        'measurements': [[m.name.meaning, m.value, m.unit.value] for m in g.get_measurements()],
        'evaluations': [[e.name.meaning, e.value.meaning] for e in g.get_qualitative_evaluations()],
    }


def extent(array):
    return {'min': float(np.min(array)), 'max': float(np.max(array))}


for name in sys.argv[1:]:
    print(json.dumps({'file': name, **read(name)}, default=list))
