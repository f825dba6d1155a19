"""Key images as another maker selects them: highdicom writes a Key Object Selection of the images given to stdout.

python3 key_objects.py TITLE DESCRIPTION IMAGE... (TITLE: a code of DCM, by its keyword in pydicom)
"""

import io
import sys

import pydicom
from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from highdicom.sr import ObserverContext, PersonObserverIdentifyingAttributes
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

title, description, *files = sys.argv[1:]
images = [pydicom.dcmread(file) for file in files]
# highdicom asks for these, which a made image may lack; they may be empty (type 2).
for image in images:
    for keyword in ("PatientBirthDate", "PatientSex", "StudyID", "AccessionNumber", "ReferringPhysicianName"):
        image.setdefault(keyword, None)
uids = [image.SOPInstanceUID for image in images]
document = KeyObjectSelectionDocument(
    evidence=images,
    content=KeyObjectSelection(
        document_title=getattr(codes.DCM, title),
        referenced_objects=images,
        observer_person_context=ObserverContext(
            codes.DCM.Person, PersonObserverIdentifyingAttributes(name="Reader^Rita")
        ),
        description=description or None,
    ),
    series_instance_uid=generate_uid(entropy_srcs=["series", *uids]),
    series_number=90,
    sop_instance_uid=generate_uid(entropy_srcs=["instance", *uids]),
    instance_number=1,
    manufacturer="highdicom",
)
written = io.BytesIO()
pydicom.dcmwrite(written, document, enforce_file_format=True)
sys.stdout.buffer.write(written.getvalue())
