"""What another reader makes of each image of a folder: `python3 pixels.py FOLDER > pixels.json`.

pydicom 3.0.2 with pylibjpeg (libjpeg 2.5, openjpeg 2.6, rle 2.2) and GDCM 3.2; values as server/retrieve makes them: grey
after the modality LUT, colours as red, green, blue from 0 to 255. `sha256` is over float32, little endian,
[frame, row, column(, sample)].
"""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, convert_color_space, pixel_array
from pydicom.pixels.processing import apply_modality_lut

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def transformation(ds, frame):
    for groups in (ds.get("PerFrameFunctionalGroupsSequence", [])[frame : frame + 1], ds.get("SharedFunctionalGroupsSequence", [])):
        for group in groups:
            for item in group.get("PixelValueTransformationSequence", []):
                return item
    return None


def grey(ds, raw):
    frames = raw if int(ds.get("NumberOfFrames", 1) or 1) > 1 else raw[None]
    out = np.empty(frames.shape, np.float32)
    for i, stored in enumerate(frames):
        item = transformation(ds, i)
        if item is not None:
            out[i] = stored.astype(np.float64) * float(item.RescaleSlope) + float(item.RescaleIntercept)
        else:
            out[i] = apply_modality_lut(stored, ds).astype(np.float64)
    return out


def colour(ds, raw):
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        shown = apply_color_lut(raw, ds).astype(np.float64)
        bits = ds.RedPaletteColorLookupTableDescriptor[2]
        return (shown * (255 / (2**bits - 1))).astype(np.float32)
    rgb = pixel_array(ds)  # YBR becomes RGB
    return (rgb.astype(np.float64) * 255 / (2**ds.BitsStored - 1)).astype(np.float32)


def read(path):
    """JPEG of 12 bits by DCMTK 3.6.7, which has the Independent JPEG Group's code; the others by pydicom."""
    ds = pydicom.dcmread(path)
    if ds.file_meta.get("TransferSyntaxUID", "")[-5:] not in (".4.51", ".4.53", ".4.55"):
        return ds
    with tempfile.NamedTemporaryFile() as plain:
        subprocess.run(["dcmdjpeg", path, plain.name], check=True)
        return pydicom.dcmread(plain.name)


def facts(path):
    ds = read(path)
    if not any(k in ds for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        return {"pixels": "none"}
    raw = pixel_array(ds, raw=True)
    mono = ds.PhotometricInterpretation.startswith("MONOCHROME")
    values = np.ascontiguousarray(grey(ds, raw) if mono else colour(ds, raw), "<f4")
    return {
        "shape": [int(n) for n in (values.shape if values.ndim == (3 if mono else 4) else (1, *values.shape))],
        "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        "mean": round(float(values.astype(np.float64).mean()), 4),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def isolated(path):
    """In a child: some files kill their reader."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(2, 1)
        signal.alarm(60)
        try:
            result = facts(path)
        except BaseException as error:  # noqa: BLE001: whatever it is, it is the answer
            result = {"fails": type(error).__name__}
        os.write(write, json.dumps(result).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else {"fails": "killed"}


root = sys.argv[1]
paths = sorted(os.path.join(d, f) for d, _, names in os.walk(root) for f in names)
skipped = ("LICENSE", "inventory.json", "manifest.json")
images = [p for p in paths if not os.path.basename(p).startswith(skipped)]
print(json.dumps({os.path.relpath(p, root): isolated(p) for p in images}, indent=0, sort_keys=True))
