"""
What pydicom reads in the reference objects of the kit, for test/results/read.test.ts: voxels of every segment by source image, values of
parametric maps, and the measurements of reports with their tracking identifiers. `python3 reference_results.py <kit>` writes reference-results.json.
"""
import json
import pathlib
import sys
import warnings

import numpy
import pydicom

warnings.filterwarnings('ignore')
KIT = pathlib.Path(sys.argv[1]) / 'F_reference_objects'
SEGMENTATIONS = {'1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7'}
PARAMETRIC_MAP = '1.2.840.10008.5.1.4.1.1.30'


def group(d, frame, name):
    """A functional group of a frame, its own or the shared one."""
    for groups in (d.get('PerFrameFunctionalGroupsSequence', []), d.get('SharedFunctionalGroupsSequence', [])):
        item = groups[frame if groups is d.get('PerFrameFunctionalGroupsSequence') else 0] if groups else None
        if item is not None and name in item:
            return item[name].value[0]
    return None


def segmentation(d):
    pixels = d.pixel_array.reshape(int(d.get('NumberOfFrames', 1)), d.Rows, d.Columns)
    segments = [int(s.SegmentNumber) for s in d.SegmentSequence]
    tiles = len(pixels) // len(segments)
    sums = {}
    for i, frame in enumerate(pixels):
        identification = group(d, i, 'SegmentIdentificationSequence')
        derivation = group(d, i, 'DerivationImageSequence')
        source = derivation.SourceImageSequence[0].ReferencedSOPInstanceUID if derivation else ''
        if d.SegmentationType == 'LABELMAP':
            numbers = [n for n in segments if n > 0]
            parts = {n: float((frame == n).sum()) for n in numbers}
        else:
            n = int(identification.ReferencedSegmentNumber) if identification else segments[i // tiles]
            scale = float(d.get('MaximumFractionalValue', 1)) if d.SegmentationType == 'FRACTIONAL' else 1.0
            parts = {n: float(frame.astype(float).sum() / scale)}
        for n, total in parts.items():
            if total > 0:
                key = f'{n} {source}'
                sums[key] = round(sums.get(key, 0) + total, 4)
    return {
        'kind': 'segmentation',
        'encoding': d.SegmentationType,
        'segments': [[int(s.SegmentNumber), s.SegmentLabel] for s in d.SegmentSequence if s.SegmentNumber > 0],
        'sums': sums,
    }


def parametric_map(d):
    values = d.pixel_array.astype(float).ravel()
    return {'kind': 'parametric map', 'first': values[:3].tolist(), 'sum': float(values.sum())}


def named(item, *values):
    return 'ConceptNameCodeSequence' in item and item.ConceptNameCodeSequence[0].CodeValue in values


def report(d):
    if not named(d, '126000'):
        return {'kind': 'other'}
    groups = [
        g for c in d.ContentSequence if named(c, '126010') for g in c.ContentSequence if named(g, '125007')
    ]
    return {'kind': 'report', 'findings': [finding(g) for g in groups]}


def finding(g):
    items = list(g.get('ContentSequence', []))
    numbers = [i for i in items if i.ValueType == 'NUM']
    places = [i for i in items if i.ValueType.startswith('SCOORD')]
    places += [i for n in numbers for i in n.get('ContentSequence', []) if i.ValueType.startswith('SCOORD')]
    return {
        'tracking': [i.get('TextValue') or i.get('UID') for i in items if named(i, '112039', '112040')],
        'types': [i.ConceptCodeSequence[0].CodeValue for i in items if named(i, '121071')],
        'measurements': [
            [
                n.ConceptNameCodeSequence[0].CodeValue,
                float(n.MeasuredValueSequence[0].NumericValue),
                n.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue,
            ]
            for n in numbers
        ],
        'places': [[p.GraphicType, [float(v) for v in p.GraphicData]] for p in places],
    }


def read(path):
    try:
        d = pydicom.dcmread(path)
    except pydicom.errors.InvalidDicomError:
        return {'kind': 'unreadable'}
    if d.SOPClassUID in SEGMENTATIONS:
        return segmentation(d)
    if d.SOPClassUID == PARAMETRIC_MAP:
        return parametric_map(d)
    return report(d) if 'ContentSequence' in d else {'kind': 'other'}


files = sorted(p for p in KIT.rglob('*') if p.suffix in ('.dcm', '.seg'))
out = {
    'made with': {'pydicom': pydicom.__version__, 'numpy': numpy.__version__},
    'files': {str(p.relative_to(KIT)): read(p) for p in files},
}
target = pathlib.Path(__file__).with_name('reference-results.json')
target.write_text(json.dumps(out, indent=1) + '\n')
