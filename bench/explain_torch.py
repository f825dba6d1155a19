"""The same table as `bench/explain.ts` for PyTorch eager: `python bench/explain_torch.py [--threads=2] [NAME ...]`.

Median wall milliseconds, and CPU milliseconds, of 15 runs after 3. Needs torch, torchvision, onnx, numpy.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "test" / "oracle"))
from export_models import FULL, prepare, wave  # noqa: E402

words = sys.argv[1:]
torch.set_num_threads(next((int(w.split("=")[1]) for w in words if w.startswith("--threads=")), 2))
names = [w for w in words if not w.startswith("--")] or list(FULL)


def median(job):
    wall, cpu = [], []
    for i in range(18):
        began, used = time.perf_counter(), time.process_time()
        job()
        if i >= 3:
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
    return 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu)


print("| model | forward ms | CPU | forward and backward ms | CPU |\n| --- | --- | --- | --- | --- |")
for name in names:
    make, shape, *_ = FULL[name]
    model = prepare(make)
    x = torch.from_numpy(wave(int(np.prod(shape)), 0.1).astype(np.float32)).reshape(shape)
    with torch.no_grad():
        seed = torch.ones_like(model(x))
    for p in model.parameters():
        p.requires_grad_(False)

    def forward():
        with torch.no_grad():
            model(x)

    def both():
        v = x.clone().requires_grad_()
        torch.autograd.grad(model(v), v, seed)

    f, b = median(forward), median(both)
    print(f"| {name} | {f[0]:.1f} | {f[1]:.1f} | {b[0]:.1f} | {b[1]:.1f} |", flush=True)
