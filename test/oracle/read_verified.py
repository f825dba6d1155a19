"""What highdicom reads of verified reports: one JSON object a file, in order. Usage: read_verified.py FILE..."""

import json
import sys

from highdicom.sr import srread


def read(path):
    document = srread(path)
    measurements = document.content
    groups = [
        *measurements.get_image_measurement_groups(),
        *measurements.get_planar_roi_measurement_groups(),
        *measurements.get_volumetric_roi_measurement_groups(),
    ]
    studies = document.PredecessorDocumentsSequence
    return {
        "verified": document.VerificationFlag,
        "complete": document.CompletionFlag,
        "observers": [str(o.VerifyingObserverName) for o in document.VerifyingObserverSequence],
        "predecessors": [
            item.ReferencedSOPInstanceUID
            for study in studies
            for series in study.ReferencedSeriesSequence
            for item in series.ReferencedSOPSequence
        ],
        "tracked": sorted({str(g.tracking_identifier) for g in groups}),
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
