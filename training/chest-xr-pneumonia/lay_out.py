"""Folders for `npm run model -- reference`: `python lay_out.py kermany_224.tar OUT`.

OUT/fitted holds 1,500 images the weights were fitted on, OUT/held-out those of patients held out of it, each in a folder a truth.
"""

import sys
import tarfile
from pathlib import Path

import numpy as np
from data import SOURCES, read_parts, source

TRUTHS = dict(zip(SOURCES, ("Normal", "Normal", "Bacterial pneumonia", "Viral pneumonia")))
FITTED = 1500


def main(archive: Path, out: Path) -> None:
    parts = read_parts(archive)
    fitted = np.random.default_rng(5).permutation(parts["train"].names)[:FITTED]
    held_out = parts["alike"].names + parts["early"].names
    with tarfile.open(archive) as tar:
        members = {m.name.removeprefix("./"): m for m in tar.getmembers()}
        for folder, names in (("fitted", fitted), ("held-out", held_out)):
            for name in names:
                file = out / folder / TRUTHS[SOURCES[source(name)]] / Path(name).name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(tar.extractfile(members[name]).read())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
