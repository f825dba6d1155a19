"""The radiographs of Kermany et al. 2018 (224 x 224, grey) and how they are split.

The official test split stays whole and unseen. The rest is split by patient into three parts:
  train      what the weights are fitted on
  alike      8 % of the patients, drawn at random: like the training images
  early      the lowest-numbered 10 % of the patients of each source. The files are numbered in the order in which they were
             collected, and the official test split holds still lower numbers: this part is a small step of the same shift.
"""

import re
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

EDGE = 224
SOURCES = ("IM", "NORMAL2", "bacteria", "virus")


@dataclass(frozen=True)
class Part:
    """pixels [n, row, column] uint8; positive [n] bool; source [n] index into SOURCES; names of the files in the archive."""

    pixels: np.ndarray
    positive: np.ndarray
    source: np.ndarray
    names: list[str]


def read_parts(archive: Path, seed: int = 7) -> dict[str, Part]:
    """The parts train, alike and early of `kermany_224.tar`; the test split is left out."""
    rows = [(name, data) for name, data in _files(archive) if not name.startswith("test/")]
    part_of = _split([name for name, _ in rows], seed)
    return {part: _part([r for r in rows if part_of[r[0]] == part]) for part in ("train", "alike", "early")}


def read_test(archive: Path) -> Part:
    """The official test split."""
    return _part([(name, data) for name, data in _files(archive) if name.startswith("test/")])


def patient(name: str) -> tuple[str, int]:
    """(series of patient numbers, number): bacteria and virus images of one number are one patient."""
    file = Path(name).name
    if m := re.match(r"person(\d+)_", file):
        return "person", int(m[1])
    if m := re.match(r"(NORMAL2-)?IM-(\d+)", file):
        return ("NORMAL2" if m[1] else "IM"), int(m[2])
    raise ValueError(f"no patient in the name {name}")


def source(name: str) -> int:
    file = Path(name).name
    if file.startswith("person"):
        return SOURCES.index("virus" if "_virus_" in file else "bacteria")
    return SOURCES.index("NORMAL2" if file.startswith("NORMAL2") else "IM")


def _files(archive: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.isfile() and m.name.endswith(".jpeg")]
        return sorted((m.name.removeprefix("./"), tar.extractfile(m).read()) for m in members)


def _split(names: list[str], seed: int) -> dict[str, str]:
    random = np.random.default_rng(seed)
    patients = sorted({patient(name) for name in names})
    part: dict[tuple[str, int], str] = {}
    for series in ("IM", "NORMAL2", "person"):
        numbers = [p for p in patients if p[0] == series]
        early = len(numbers) // 10
        later = [numbers[i] for i in random.permutation(np.arange(early, len(numbers)))]
        alike = len(numbers) * 8 // 100
        part |= dict.fromkeys(numbers[:early], "early")
        part |= dict.fromkeys(later[:alike], "alike") | dict.fromkeys(later[alike:], "train")
    return {name: part[patient(name)] for name in names}


def _part(rows: list[tuple[str, bytes]]) -> Part:
    pixels = np.stack([np.asarray(Image.open(BytesIO(data)).convert("L")) for _, data in rows])
    if pixels.shape[1:] != (EDGE, EDGE):
        raise ValueError(f"the images are {pixels.shape[1:]}, not {EDGE} x {EDGE}")
    names = [name for name, _ in rows]
    return Part(
        pixels,
        np.array(["/PNEUMONIA/" in f"/{name}" for name in names]),
        np.array([source(name) for name in names]),
        names,
    )


if __name__ == "__main__":
    archive = Path(sys.argv[1])
    for name, part in (read_parts(archive) | {"test": read_test(archive)}).items():
        counts = {s: int((part.source == i).sum()) for i, s in enumerate(SOURCES)}
        print(name, len(part.names), counts, "patients", len({patient(n) for n in part.names}))
