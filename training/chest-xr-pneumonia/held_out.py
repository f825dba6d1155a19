"""Whom the weights never saw: `python held_out.py kermany_224.tar ../../evaluate/chest-patients.json`, the numbers of the patients held out."""

import json
import sys
from pathlib import Path

from data import patient, read_parts

parts = read_parts(Path(sys.argv[1]))
patients = sorted({patient(name) for part in ("alike", "early") for name in parts[part].names})
numbers: dict[str, list[int]] = {}
for series, number in patients:
    numbers.setdefault(series, []).append(number)
lines = (f" {json.dumps(series)}: {json.dumps(of)}" for series, of in numbers.items())
Path(sys.argv[2]).write_text("{\n" + ",\n".join(lines) + "\n}\n")
