"""PyTorch's scores of DICOM radiographs: `python vectors.py OUT FOLDER vectors.json`, the test vectors of the package.

Nothing of the server is used: pydicom reads, the window is applied and each pixel of 224 x 224 is the mean of the area it covers, so
`model check` holds the server's whole way against another one.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pydicom
import torch
from calibrate import load
from data import EDGE


def main(checkpoint: Path, folder: Path, file: Path) -> None:
    net = load(checkpoint)
    scores = {}
    for path in sorted(folder.glob("*.dcm")):
        with torch.no_grad():
            logit = net(torch.from_numpy(picture(pydicom.dcmread(path)))[None, None])
        scores[hashlib.sha256(path.read_bytes()).hexdigest()] = {"Pneumonia": round(float(logit.sigmoid()), 6)}
    file.write_text(json.dumps(scores, indent=1) + "\n")


def picture(image: pydicom.Dataset) -> np.ndarray:
    """What the model reads, [224, 224] in 0..1: the first window, else all 8 bits, by equal areas."""
    values = image.pixel_array * float(image.get("RescaleSlope", 1)) + float(image.get("RescaleIntercept", 0))
    centre, width = (np.atleast_1d(image.get(name, 0))[0] for name in ("WindowCenter", "WindowWidth"))
    low, high = (float(centre - width / 2), float(centre + width / 2)) if width else (0.0, 255.0)
    scaled = np.clip((values - low) / (high - low), 0, 1)
    if image.PhotometricInterpretation == "MONOCHROME1":
        scaled = 1 - scaled
    return (areas(scaled.shape[0]) @ scaled @ areas(scaled.shape[1]).T).astype(np.float32)


def areas(size: int) -> np.ndarray:
    """[224, size]: how much of each source pixel lies in each of 224 equal parts, rows summing to 1."""
    edges = np.arange(EDGE + 1) * size / EDGE
    pixels = np.arange(size)
    return np.clip(np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels), 0, None) * EDGE / size


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:]))
