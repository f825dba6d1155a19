"""Every value of text, number or UID in files, item by item, as pydicom reads it: what another parser finds in an original and in its copy.

Needs: pydicom (Debian's python3-pydicom; run with 2.3.1)

    python3 read_values.py FILE...

Prints one JSON line a file: a list of [path, VR, value], the path as tags and item numbers (`00081140/0/00081155`); private attributes and pixels
are among them by their path alone.
"""
import json
import sys
import warnings

import pydicom

warnings.simplefilter('ignore')


def values_of(dataset, path=''):
    for element in dataset:
        place = f'{path}{element.tag.group:04X}{element.tag.element:04X}'
        if element.VR == 'SQ':
            for i, item in enumerate(element.value):
                yield from values_of(item, f'{place}/{i}/')
        elif element.tag.is_private or isinstance(element.value, bytes):
            yield [place, element.VR, '']
        else:
            many = isinstance(element.value, (list, pydicom.multival.MultiValue))
            for value in element.value if many else [element.value]:
                if str(value or '').strip():
                    yield [place, element.VR, str(value).strip()]


for name in sys.argv[1:]:
    print(json.dumps(list(values_of(pydicom.dcmread(name)))))
