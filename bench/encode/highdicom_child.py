"""One object by highdicom: highdicom_child.py KIND FOLDER, as bench/encode/ours.ts, over the same arrays.

Needs: pip install highdicom (run with 0.28.2 on pydicom 3.0.2)
"""
import json
import os
import resource
import sys
import time
import warnings

import highdicom as hd
import numpy as np
import pydicom
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

warnings.simplefilter('ignore')
kind, folder = sys.argv[1:]
with open(os.path.join(folder, 'case.json')) as file:
    case = json.load(file)
shape, segments = tuple(case['shape']), case['segments']
sources = [pydicom.dcmread(os.path.join(folder, f'{i}.dcm')) for i in range(shape[0])]
common = {
    'source_images': sources,
    'series_instance_uid': '1.2.3.7',
    'series_number': 900,
    'sop_instance_uid': '1.2.3.8',
    'instance_number': 1,
    'manufacturer': 'Pellucid',
    'manufacturer_model_name': 'Pellucid',
    'software_versions': '1',
    'device_serial_number': '1',
}
algorithm = hd.AlgorithmIdentificationSequence('Bench', Code('123110', 'DCM', 'Artificial Intelligence'), '1')


def segmentation():
    kinds = hd.seg.SegmentationTypeValues
    return hd.seg.Segmentation(
        **common,
        pixel_array=array,
        segmentation_type=kinds.BINARY if kind == 'SEG' else kinds.LABELMAP,
        segment_descriptions=[
            hd.seg.SegmentDescription(
                number,
                f'Structure {number}',
                codes.SCT.AnatomicalStructure,
                codes.SCT.Tissue,
                hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
                algorithm_identification=algorithm,
            )
            for number in range(1, segments + 1)
        ],
    )


def parametric_map():
    return hd.pm.ParametricMap(
        **common,
        pixel_array=array,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[
            hd.pm.RealWorldValueMapping(
                lut_label='SALIENCY',
                lut_explanation='Saliency',
                unit=codes.UCUM.NoUnits,
                value_range=(0.0, 1.0),
                slope=1,
                intercept=0,
            )
        ],
        window_center=0.5,
        window_width=1.0,
    )


name, dtype = ('map.f32', '<f4') if kind == 'PM' else ('labels.u8', 'u1')
array = np.fromfile(os.path.join(folder, name), dtype).reshape(shape)
began, used = time.perf_counter(), time.process_time()
made = parametric_map() if kind == 'PM' else segmentation()
used_to_make = time.process_time() - used
path = os.path.join(folder, f'highdicom-{kind}.dcm')
made.save_as(path)
print(
    json.dumps(
        {
            'ms': 1000 * (time.perf_counter() - began),
            'made': 1000 * used_to_make,
            'cpu': 1000 * (time.process_time() - used),
            'peak': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            'bytes': os.path.getsize(path),
        }
    )
)
