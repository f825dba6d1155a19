"""One object by highdicom: highdicom_child.py KIND FOLDER, as bench/encode/ours.ts, over the same arrays; the SR item by item of
the tree in FOLDER/ours-SR.dcm, which is read before the clock starts.

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


def tree_of(item):
    """Of plain values: type, relationship, name, value, children."""
    reads = {
        'CONTAINER': lambda: None,
        'CODE': lambda: code_of(item.ConceptCodeSequence),
        'TEXT': lambda: str(item.TextValue),
        'UIDREF': lambda: str(item.UID),
        'NUM': lambda: (
            float(item.MeasuredValueSequence[0].NumericValue),
            code_of(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence),
        ),
        'SCOORD': lambda: np.array(item.GraphicData, dtype=float).reshape(-1, 2),
        'IMAGE': lambda: (
            str(item.ReferencedSOPSequence[0].ReferencedSOPClassUID),
            str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID),
            item.ReferencedSOPSequence[0].get('ReferencedSegmentNumber'),
        ),
    }
    name = code_of(item.ConceptNameCodeSequence) if 'ConceptNameCodeSequence' in item else ('260753009', 'SCT', 'Source')
    children = [tree_of(child) for child in item.get('ContentSequence', [])]
    return item.ValueType, item.get('RelationshipType'), name, reads[item.ValueType](), children


def code_of(sequence):
    return sequence[0].CodeValue, sequence[0].CodingSchemeDesignator, sequence[0].CodeMeaning


def item_of(node):
    kind_of_value, relationship, name, value, children = node
    name = Code(*name)
    if kind_of_value == 'CONTAINER':
        item = hd.sr.ContainerContentItem(name, relationship_type=relationship)
    elif kind_of_value == 'CODE':
        item = hd.sr.CodeContentItem(name, Code(*value), relationship)
    elif kind_of_value == 'TEXT':
        item = hd.sr.TextContentItem(name, value, relationship)
    elif kind_of_value == 'UIDREF':
        item = hd.sr.UIDRefContentItem(name, value, relationship)
    elif kind_of_value == 'NUM':
        item = hd.sr.NumContentItem(name, value[0], Code(*value[1]), relationship_type=relationship)
    elif kind_of_value == 'SCOORD':
        item = hd.sr.ScoordContentItem(name, 'POLYLINE', value, relationship_type=relationship)
    else:
        item = hd.sr.ImageContentItem(
            name, value[0], value[1], referenced_segment_numbers=value[2], relationship_type=relationship
        )
    if children:
        item.ContentSequence = hd.sr.ContentSequence([item_of(child) for child in children])
    return item


def report():
    return hd.sr.Comprehensive3DSR(
        evidence=[*sources, segmentation_in(tree)],
        content=item_of(tree),
        **{name: common[name] for name in REPORT_FACTS},
    )


def segmentation_in(node):
    """What the report cites beside the sources."""
    cited = pydicom.Dataset()
    cited.StudyInstanceUID, cited.SeriesInstanceUID = sources[0].StudyInstanceUID, '1.2.3.6'
    cited.SOPClassUID = SEGMENTATION
    cited.SOPInstanceUID = next(value[1] for value in images_in(node) if value[0] == SEGMENTATION)
    return cited


def images_in(node):
    if node[0] == 'IMAGE':
        yield node[3]
    for child in node[4]:
        yield from images_in(child)


SEGMENTATION = '1.2.840.10008.5.1.4.1.1.66.4'
REPORT_FACTS = ('series_instance_uid', 'series_number', 'sop_instance_uid', 'instance_number', 'manufacturer')
if kind == 'SR':
    tree = tree_of(pydicom.dcmread(os.path.join(folder, 'ours-SR.dcm')))
else:
    name, dtype = ('map.f32', '<f4') if kind == 'PM' else ('labels.u8', 'u1')
    array = np.fromfile(os.path.join(folder, name), dtype).reshape(shape)
began, used = time.perf_counter(), time.process_time()
made = {'PM': parametric_map, 'SR': report}.get(kind, segmentation)()
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
