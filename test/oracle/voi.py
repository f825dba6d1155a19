"""What pydicom shows of small images with each kind of VOI: `python3 voi.py > voi.json`; pydicom 3.0.2, numpy 2.4.6.

Each case: attributes of the image, its values after the modality LUT, and what `apply_voi_lut` or `apply_windowing` gives for
them, brought to 0..255.
"""

import json

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi, apply_windowing
from pydicom.sequence import Sequence

VALUES = [-1200, -1000, -160, 0, 39, 40, 41, 100, 239, 240, 300, 2000]


def image(signed=True, **attributes):
    ds = Dataset()
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsStored, ds.BitsAllocated, ds.PixelRepresentation = 16, 16, int(signed)
    for name, value in attributes.items():
        setattr(ds, name, value)
    return ds


def windowed(**attributes):
    ds = image(**attributes)
    low, high = -(2**15), 2**15 - 1
    out = apply_windowing(np.array(VALUES, dtype=np.int16), ds).astype(float)
    return attributes, ((out - low) / (high - low) * 255).tolist()


def looked_up(first, bits, entries):
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    out = apply_voi(np.array(VALUES, dtype=np.int16), image(VOILUTSequence=Sequence([item])))
    return {"LUTDescriptor": [len(entries), first, bits], "LUTData": entries}, (out / (2**bits - 1) * 255).tolist()


cases = [windowed(WindowCenter=c, WindowWidth=w, VOILUTFunction=f) for c, w in [(40, 400), (40, 1), (-600, 1500), (40.5, 3)]
         for f in ["LINEAR", "LINEAR_EXACT", "SIGMOID"]]
cases += [looked_up(-160, 12, [int(4095 * (k / 400) ** 2) for k in range(401)]), looked_up(39, 8, [10, 200, 30]), looked_up(0, 16, [65535, 0])]
print(json.dumps({"values": VALUES, "cases": [{"attributes": a, "shown": s} for a, s in cases]}))
