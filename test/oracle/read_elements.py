"""Part 10 files read by pydicom, element by element: what another parser finds in our bytes.

Needs: pydicom (Debian's python3-pydicom; run with 2.3.1 and 3.0.2)

    python3 read_elements.py FILE...

Prints one JSON line a file: `dataset`, the DICOM JSON model of its dataset (PS3.18 F.2), and `same`: whether pydicom, writing
again what it has read, writes the very same bytes.
"""
import io
import json
import sys

import pydicom
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        stored = file.read()
    dataset = pydicom.dcmread(io.BytesIO(stored))
    model = dataset.to_json_dict()
    out = DicomBytesIO()
    out.is_little_endian = True
    out.is_implicit_VR = False
    write_dataset(out, dataset)
    start = 132 + 12 + dataset.file_meta.FileMetaInformationGroupLength
    print(json.dumps({'dataset': model, 'same': out.getvalue() == stored[start:]}))
