"""
Reads every object of the matrix as pydicom and, where it is installed, highdicom do, and checks what no validator does: meanings of codes,
lengths, references, dimension indices, pixels by source image, measurements. `check.py <folder>` reads manifest.json, prints JSON.
"""
import json
import pathlib
import re
import sys
import warnings

import numpy as np
import pydicom
from pydicom.sr._concepts_dict import concepts

warnings.filterwarnings('ignore')
try:
    import highdicom as hd
except ImportError:
    hd = None

FOLDER = pathlib.Path(sys.argv[1])
#: Meanings by scheme and value: the dictionary has a code under each of its names.
MEANINGS = {}
for scheme, codes in concepts.items():
    for names in codes.values():
        for value, (meaning, _) in names.items():
            MEANINGS.setdefault((scheme, value), set()).add(meaning.lower())
#: Names of CID 240 and of TID 1410, which the dictionary has under SNOMED's full names only.
MEANINGS.setdefault(('SCT', '272519000'), set()).add('absent')
MEANINGS.setdefault(('SCT', '276214006'), set()).add('finding category')
LENGTHS = {'LO': 64, 'SH': 16, 'CS': 16, 'DS': 16, 'UI': 64, 'AE': 16, 'IS': 12, 'ST': 1024}
UID = re.compile(r'^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$')


def walk(ds):
    for e in ds:
        yield ds, e
        if e.VR == 'SQ':
            for item in e.value:
                yield from walk(item)


def texts(e):
    return [str(v) for v in (e.value if isinstance(e.value, (list, pydicom.multival.MultiValue)) else [e.value])]


def values_fit(d):
    for _, e in walk(d):
        limit = LENGTHS.get(e.VR)
        if limit and e.value not in (None, ''):
            for v in texts(e):
                if len(getattr(e.value, 'original_string', v)) > limit:
                    yield f'{e.keyword} is longer than {limit}'
                if e.VR == 'UI' and not UID.match(v):
                    yield f'{e.keyword} is no UID'


def codes_mean(d):
    for item, e in walk(d):
        if e.keyword != 'CodeValue' or 'CodingSchemeDesignator' not in item:
            continue
        scheme, value, meaning = item.CodingSchemeDesignator, e.value, item.get('CodeMeaning', '')
        known = MEANINGS.get((scheme, value), set())
        if scheme == 'DCM' and not known:
            yield f'({value}, DCM) is in no dictionary'
        elif known and not {meaning.lower(), f'{meaning.lower()} (procedure)'} & known:
            yield f'({value}, {scheme}) means {sorted(known)}, not {meaning!r}'


def references_resolve(d, known):
    for _, e in walk(d):
        if e.keyword == 'ReferencedSOPInstanceUID' and e.value not in known:
            yield f'{e.value} is not there'
    if 'CurrentRequestedProcedureEvidenceSequence' in d:
        cited = {
            i.ReferencedSOPInstanceUID
            for study in d.CurrentRequestedProcedureEvidenceSequence
            for s in study.ReferencedSeriesSequence
            for i in s.ReferencedSOPSequence
        }
        for item in d.get('ContentSequence', []):
            for _, e in walk(item):
                if e.keyword == 'ReferencedSOPInstanceUID' and e.value not in cited:
                    yield f'{e.value} is not in the evidence'
    if 'ReferencedSeriesSequence' in d:
        cited = {i.ReferencedSOPInstanceUID for s in d.ReferencedSeriesSequence for i in s.ReferencedInstanceSequence}
        used = {
            s.ReferencedSOPInstanceUID
            for g in d.get('PerFrameFunctionalGroupsSequence', [])
            for x in g.get('DerivationImageSequence', [])
            for s in x.SourceImageSequence
        }
        if used - cited:
            yield 'a frame cites what the Common Instance Reference does not'


def frames_agree(d):
    if 'Rows' not in d:
        return
    frames = int(d.get('NumberOfFrames', 1))
    data = d.get('PixelData') or d.get('FloatPixelData')
    bits = d.Rows * d.Columns * frames * d.BitsAllocated * d.SamplesPerPixel
    length = -(-bits // 8)
    if not d.file_meta.TransferSyntaxUID.is_encapsulated and len(data) != length + length % 2:
        yield f'{len(data)} bytes of pixels instead of {length}'
    groups = d.get('PerFrameFunctionalGroupsSequence')
    if groups is None:
        return
    if len(groups) != frames:
        yield f'{len(groups)} functional groups for {frames} frames'
    axes = len(d.DimensionIndexSequence)
    index = [np.atleast_1d(g.FrameContentSequence[0].DimensionIndexValues).tolist() for g in groups]
    if any(len(i) != axes for i in index):
        yield 'dimension index values of another number than there are dimensions'
    elif len({tuple(i) for i in index}) != frames:
        yield 'two frames with the same dimension index'
    else:
        last = sorted({i[-1] for i in index})
        if last != list(range(1, len(last) + 1)):
            yield f'dimension index values are no ranks from 1: {last[:5]}'


def pixels_are(d, expect):
    """By source image and frame, with pydicom alone."""
    want = np.fromfile(FOLDER / expect['values'], dtype=expect['dtype']).reshape(expect['shape'])
    sources = {tuple(s): i for i, s in enumerate(expect['sources'])}
    got = np.zeros_like(want)
    pixels = d.pixel_array.reshape(int(d.get('NumberOfFrames', 1)), d.Rows, d.Columns)
    for i, (g, frame) in enumerate(zip(d.PerFrameFunctionalGroupsSequence, pixels)):
        image = g.DerivationImageSequence[0].SourceImageSequence[0]
        at = sources[(image.ReferencedSOPInstanceUID, int(image.get('ReferencedFrameNumber', 0)))]
        if d.SOPClassUID.endswith('.66.4'):
            got[at][frame > 0] = g.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        else:
            got[at] = frame
    if not np.array_equal(got, want):
        yield f'pydicom: {int((got != want).sum())} pixels differ by source'


def highdicom_segmentation(path, d, expect):
    seg = hd.seg.segread(path)
    want = np.fromfile(FOLDER / expect['values'], dtype=expect['dtype']).reshape(expect['shape'])
    options = {
        'segment_numbers': [int(s.SegmentNumber) for s in d.SegmentSequence if s.SegmentNumber > 0],
        'combine_segments': True,
        'relabel': False,
        'assert_missing_frames_are_empty': True,
        'skip_overlap_checks': True,
    }
    uids = [s[0] for s in expect['sources']]
    if len(set(uids)) < len(uids) or expect['sources'][0][1]:
        numbers = [s[1] for s in expect['sources']]
        got = seg.get_pixels_by_source_frame(uids[0], numbers, **options)
    else:
        got = seg.get_pixels_by_source_instance(uids, **options)
    if not np.array_equal(np.asarray(got), want):
        yield f'highdicom: {int((np.asarray(got) != want).sum())} pixels differ by source'
    labels = [s.SegmentLabel for s in d.SegmentSequence if s.SegmentNumber > 0]
    if [seg.get_segment_description(n).segment_label for n in options['segment_numbers']] != labels:
        yield 'highdicom: other labels'


def highdicom_map(path, d, expect):
    want = np.fromfile(FOLDER / expect['values'], dtype=expect['dtype']).reshape(expect['shape'])
    got = np.stack(list(hd.imread(path).get_frames(apply_real_world_transform=True)))
    if not np.array_equal(got.astype(want.dtype), want):
        yield f'highdicom: {int((got != want).sum())} values differ'


def highdicom_report(path, expect):
    content = hd.sr.srread(path).content
    groups = (
        content.get_image_measurement_groups()
        + content.get_planar_roi_measurement_groups()
        + content.get_volumetric_roi_measurement_groups()
    )
    found = {g.tracking_identifier: g for g in groups}
    for name, want in expect['findings'].items():
        g = found.get(name)
        if g is None:
            yield f'highdicom: no group of {name!r}'
            continue
        if g.tracking_uid != want['uid']:
            yield f'highdicom: {name!r} is followed under another UID'
        if (g.finding_type.value if g.finding_type else None) != want['type']:
            yield f'highdicom: {name!r} is of another type'
        sites = [[s.value.value, s.laterality.value if s.laterality else None] for s in g.finding_sites]
        if sites != want['sites']:
            yield f'highdicom: {name!r} is at {sites}, not {want["sites"]}'
        numbers = [[m.name.value, float(m.value), m.unit.value] for m in g.get_measurements()]
        if len(numbers) != len(want['numbers']) or any(
            (code not in (None, got[0])) or not np.isclose(got[1], value, rtol=1e-12, atol=0) or got[2] != unit
            for got, (code, value, unit) in zip(numbers, want['numbers'])
        ):
            yield f'highdicom: the numbers of {name!r} are {numbers}, not {want["numbers"]}'


def problems(entry, known):
    path = FOLDER / entry['file']
    d = pydicom.dcmread(path)
    yield from values_fit(d)
    yield from codes_mean(d)
    yield from references_resolve(d, known)
    yield from frames_agree(d)
    expect, kind = entry['expect'], entry['kind']
    if expect and kind in ('SEG', 'LABELMAP', 'PM'):
        yield from pixels_are(d, expect)
    elif 'Rows' in d:
        d.pixel_array  # decodes, or raises
    if hd is None:
        return
    if expect and kind in ('SEG', 'LABELMAP'):
        yield from highdicom_segmentation(path, d, expect)
    if expect and kind == 'PM':
        yield from highdicom_map(path, d, expect)
    if kind == 'SR':
        yield from highdicom_report(path, expect)
    if kind == 'KOS':
        hd.ko.kosread(path) if hasattr(hd.ko, 'kosread') else None


def checked(entry, known):
    try:
        return list(dict.fromkeys(problems(entry, known)))
    except Exception as e:
        return [f'{type(e).__name__}: {e}'[:300]]


manifest = json.loads((FOLDER / 'manifest.json').read_text())
known = {row: set(uids) for row, uids in manifest['known'].items()}
json.dump(
    {
        'pydicom': pydicom.__version__,
        'highdicom': hd.__version__ if hd else None,
        'problems': {e['file']: checked(e, known[e['row']]) for e in manifest['entries']},
    },
    sys.stdout,
)
