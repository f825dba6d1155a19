"""A report after TID 1500 of one image as no maker should write it, and some do: by pydicom, to stdout.

python3 odd_report.py IMAGE LEFT TOP RIGHT BOTTOM (a box of the image, in pixel edges; PS3.3 C.18.6.1.2)
"""

import io
import sys

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

file, *box = sys.argv[1:]
image = pydicom.dcmread(file)
left, top, right, bottom = map(float, box)


def code(value, scheme, meaning):
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def item(kind, name=None, children=(), relation="CONTAINS", **attributes):
    made = Dataset()
    made.RelationshipType, made.ValueType = relation, kind
    if name:
        made.ConceptNameCodeSequence = [code(*name)]
    if children:
        made.ContentSequence = list(children)
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def outline(points, kind="POLYLINE", uid=image.SOPInstanceUID, relation="CONTAINS", name=("111030", "DCM", "Image Region")):
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, uid
    selected = item("IMAGE", relation="SELECTED FROM", ReferencedSOPSequence=[reference])
    return item("SCOORD", name, [selected], relation, GraphicType=kind, GraphicData=points)


def number(name, value, *children):
    measured = Dataset()
    if value is not None:
        measured.NumericValue = value
        measured.MeasurementUnitsCodeSequence = [code("mm", "UCUM", "millimeter")]
    made = item("NUM", (name, "99TEST", name), children)
    made.MeasuredValueSequence = [] if value is None else [measured]
    return made


def group(label, *children):
    tracking = [
        item("TEXT", ("112039", "DCM", "Tracking Identifier"), relation="HAS OBS CONTEXT", TextValue=label),
        # The same of all, as no two findings should have it.
        item("UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), relation="HAS OBS CONTEXT", UID="2.25.1"),
    ]
    return item("CONTAINER", ("125007", "DCM", "Measurement Group"), [*tracking, *children], ContinuityOfContent="SEPARATE")


diagonal = outline([left, top, right, bottom], relation="INFERRED FROM", name=None)
groups = [
    group("Twice", number("Length", "11", diagonal), number("Length", "12", diagonal), number("Width", None)),
    group("Once", number("Length", "77")),
    group("A label " + "of many words " * 20, number("Length", "5"), outline([left, top, right, top, right, bottom, left, top])),
    group("Broken", number("Length", "1"), outline([left, float("nan"), right, top, right, bottom, left, bottom, left, top])),
    group("Not here", number("Length", "2"), outline([left, top, right, bottom, left, top], uid=generate_uid())),
]
report = Dataset()
report.SpecificCharacterSet = "ISO_IR 192"
report.SOPClassUID, report.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.33", generate_uid()
report.StudyInstanceUID, report.SeriesInstanceUID = image.StudyInstanceUID, generate_uid()
# Another patient, under the UID of the study.
report.PatientID, report.PatientName = "SOMEBODY-ELSE", "Else^Somebody"
report.StudyDate, report.StudyTime = image.StudyDate, image.StudyTime
report.Modality, report.SeriesNumber, report.InstanceNumber = "SR", 80, 1
report.ContentDate, report.ContentTime = "20261125", "120000"
report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
report.ConceptNameCodeSequence = [code("126000", "DCM", "Imaging Measurement Report")]
report.ContentSequence = [
    item("PNAME", ("121008", "DCM", "Person Observer Name"), relation="HAS OBS CONTEXT", PersonName="Reader^Rita"),
    item("CONTAINER", ("126010", "DCM", "Imaging Measurements"), groups, ContinuityOfContent="SEPARATE"),
]
report.file_meta = FileMetaDataset()
report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
written = io.BytesIO()
pydicom.dcmwrite(written, report, enforce_file_format=True)
sys.stdout.buffer.write(written.getvalue())
