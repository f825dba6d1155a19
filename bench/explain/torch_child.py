"""Child of `bench/explain.ts`: `python torch_child.py NAME THREADS yes|no` runs the jobs it is told to in PyTorch.

Needs torch, torchvision, onnx, numpy; torch.compile needs a C++ compiler besides.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "oracle"))
from export_models import FULL, prepare, wave  # noqa: E402

name, threads, is_compiled = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes"
torch.set_num_threads(threads)
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


def both(run=model):
    v = x.clone().requires_grad_()
    torch.autograd.grad(run(v), v, seed)


both()
peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
jobs, notes = {"forward": forward, "both": both}, {}
try:
    if is_compiled:
        compiled = torch.compile(model)
        both(compiled)
        jobs["compiled"] = lambda: both(compiled)
except Exception as error:  # no compiler, or a graph that inductor does not take
    notes["compiled"] = f"does not run ({type(error).__name__})"
print(json.dumps({"jobs": list(jobs), "notes": notes, "peak": peak}), flush=True)

for line in sys.stdin:
    began, used = time.perf_counter(), time.process_time()
    jobs[line.strip()]()
    print(json.dumps({"wall": 1e3 * (time.perf_counter() - began), "cpu": 1e3 * (time.process_time() - used)}), flush=True)
