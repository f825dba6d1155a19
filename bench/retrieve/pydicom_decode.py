"""pydicom, for bench/retrieve.ts: a line `FOLDER PLUGIN MODE` comes, a line of JSON goes; as pellucid.ts does it.

Two processes, the usual way to give pydicom two cores: what they make stays where it is (decode) or is written into memory that
they share (whole), so that no pixels are pickled. The first line that it prints says what is installed.
"""

import hashlib
import json
import mmap
import multiprocessing
import os
import sys
import time

import numpy as np
import pydicom
from pydicom.pixels import get_decoder, pixel_array

SYNTAXES = {
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG lossless": "1.2.840.10008.1.2.4.70",
    "HTJ2K": "1.2.840.10008.1.2.4.201",
}
WORKERS = 2


def answer(folder, plugin, mode):
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    datasets = [pydicom.dcmread(file) for file in files]
    first = datasets[0]
    pixels = first.Rows * first.Columns
    memory = mmap.mmap(-1, 4 * pixels * len(files))
    volume = np.frombuffer(memory, np.float32).reshape(len(files), first.Rows, first.Columns)
    globals().update(work=(files, datasets, volume, plugin))
    # What each process does, and the pool itself, is ready before the clock starts.
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        pool.map(ready, range(WORKERS), chunksize=1)
        start = time.perf_counter()
        cpu = sum(pool.map(decode if mode == "decode" else whole, range(len(files)), chunksize=4))
        wall = time.perf_counter() - start
    result = {"wall": wall * 1000, "cpu": cpu * 1000}
    return result if mode == "decode" else {**result, "sha256": hashlib.sha256(volume).hexdigest()}


def ready(_):
    time.sleep(0.05)


def decode(i):
    _, datasets, _, plugin = work  # noqa: F821: set before the fork
    before = time.process_time()
    pixel_array(datasets[i], decoding_plugin=plugin)
    return time.process_time() - before


def whole(i):
    files, _, volume, plugin = work  # noqa: F821
    before = time.process_time()
    ds = pydicom.dcmread(files[i])
    stored = pixel_array(ds, decoding_plugin=plugin)
    np.multiply(stored, float(ds.RescaleSlope), out=volume[i], dtype=np.float32)
    volume[i] += float(ds.RescaleIntercept)
    return time.process_time() - before


plugins = {name: [p for p in get_decoder(uid).available_plugins if p != "pillow"] for name, uid in SYNTAXES.items()}
print(json.dumps({"pydicom": pydicom.__version__, "plugins": plugins}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(*line.split())), flush=True)
