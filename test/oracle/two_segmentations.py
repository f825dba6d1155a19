"""Two segmentations of one series and the report that refers to both, as another maker writes them: by highdicom, into a folder.

python3 two_segmentations.py FOLDER IMAGE... (the images of a series). Each segmentation has one segment of number 1, a box of its own.
"""

import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

folder, *files = sys.argv[1:]
images = [pydicom.dcmread(file) for file in files]
for image in images:
    for keyword in ("PatientBirthDate", "PatientSex", "StudyID", "AccessionNumber", "ReferringPhysicianName"):
        image.setdefault(keyword, None)
maker = {"manufacturer": "highdicom", "manufacturer_model_name": "test", "software_versions": "1", "device_serial_number": "1"}


def segmentation(name, frames, rows, columns, kind="BINARY"):
    pixels = np.zeros((len(images), images[0].Rows, images[0].Columns), np.float32 if kind == "FRACTIONAL" else np.uint8)
    # OHIF takes shares of all or nothing for yes and no.
    pixels[slice(*frames), slice(*rows), slice(*columns)] = 0.6 if kind == "FRACTIONAL" else 1
    return hd.seg.Segmentation(
        source_images=sorted(images, key=lambda image: int(image.InstanceNumber)),
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=[
            hd.seg.SegmentDescription(
                1, name, codes.SCT.MorphologicallyAbnormalStructure, codes.SCT.Mass, hd.seg.SegmentAlgorithmTypeValues.MANUAL
            )
        ],
        series_instance_uid=generate_uid(entropy_srcs=["series", name, images[0].SeriesInstanceUID]),
        series_number=60,
        series_description=name,
        sop_instance_uid=generate_uid(entropy_srcs=["instance", name, images[0].SeriesInstanceUID]),
        instance_number=1,
        **maker,
    )


at_box = segmentation("At the box", (9, 13), (30, 42), (70, 86))
elsewhere = segmentation("Elsewhere", (9, 13), (70, 86), (10, 31))
fractional = segmentation("In shares", (9, 13), (70, 86), (10, 31), "FRACTIONAL")


def group(masks, volume):
    return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        referenced_segment=hd.sr.ReferencedSegment(
            masks.SOPClassUID,
            masks.SOPInstanceUID,
            segment_number=1,
            source_series=hd.sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID),
        ),
        tracking_identifier=hd.sr.TrackingIdentifier(generate_uid(), masks.SeriesDescription),
        measurements=[hd.sr.Measurement(codes.SCT.Volume, volume, codes.UCUM.CubicMillimeter)],
    )


content = hd.sr.MeasurementReport(
    observation_context=hd.sr.ObservationContext(
        hd.sr.ObserverContext(codes.DCM.Person, hd.sr.PersonObserverIdentifyingAttributes(name="Reader^Rita"))
    ),
    procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
    imaging_measurements=[group(at_box, 100.0), group(elsewhere, 200.0)],
)
report = hd.sr.Comprehensive3DSR(
    evidence=[*images, at_box, elsewhere],
    content=content,
    series_instance_uid=generate_uid(),
    series_number=80,
    sop_instance_uid=generate_uid(),
    instance_number=1,
    manufacturer="highdicom",
)
for name, document in {"1": at_box, "2": elsewhere, "3": report, "fractional": fractional}.items():
    pydicom.dcmwrite(Path(folder, f"{name}.dcm"), document, enforce_file_format=True)
