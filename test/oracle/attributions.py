"""Attribution values of three small models with seeded random weights, by Captum and pytorch-grad-cam.

    python test/oracle/attributions.py OUT

Writes OUT/NAME.onnx and OUT/attributions.json. The input is wave(n), which the tests compute too; everything is computed in
float64. `maps` have the dims of the input (or of its space), `cams` those of the layer, before the ReLU, scaling and resizing
that pytorch-grad-cam puts on top. Needs torch, onnx, captum, grad-cam, numpy: the versions go into the JSON.
"""

import json
import sys
from importlib.metadata import version
from math import exp, sqrt
from pathlib import Path

import numpy as np
import onnx
import torch
from captum.attr import InputXGradient, IntegratedGradients, KernelShap, Lime, NoiseTunnel, Occlusion, Saliency
from captum.attr import ShapleyValues
from captum._utils.models.linear_model import SkLearnLinearRegression
from export_models import calibrate, prepare, wave
from pytorch_grad_cam import AblationCAM, EigenCAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, ScoreCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

STEPS = 32  # of the path of integrated gradients
NOISE = 0.1  # as a share of the input's range
NOISY = 1000  # samples of it
COALITIONS = 2000  # samples of KernelSHAP and LIME
KERNEL_WIDTH = 0.25


class Plain(nn.Module):
    """Two convolutions, then a head that sees places: CAM variants differ."""

    dims, target, window, region = (2, 12, 16), 2, 5, 6

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.layer = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(8 * 6 * 8, 4)

    def forward(self, x):
        return self.head(self.layer(self.stem(x)).flatten(1))


class Residual(nn.Module):
    """Batch normalisation, a sum and global pooling."""

    dims, target, window, region = (1, 12, 12), 0, 4, 6

    def __init__(self):
        super().__init__()
        block = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o))
        self.first, self.second, self.third = block(1, 6), block(6, 6), block(6, 6)
        self.layer = nn.ReLU()
        self.head = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))

    def forward(self, x):
        a = torch.relu(self.first(x))
        b = self.layer(a + self.third(torch.relu(self.second(a))))
        return self.head(b.mean((2, 3)))


class Volume(nn.Module):
    """A smooth 3-D network."""

    dims, target, window, region = (1, 4, 8, 6), 1, 3, 4

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv3d(1, 4, 3, padding=1), nn.Softplus(), nn.AvgPool3d((1, 2, 2)))
        self.layer = nn.Sequential(nn.Conv3d(4, 5, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(5 * 4 * 4 * 3, 2)

    def forward(self, x):
        return self.head(self.layer(self.stem(x)).flatten(1))


MODELS = {"plain": Plain, "residual": Residual, "volume": Volume}


def boxes(dims, edge):
    """Region numbers of a grid of boxes in row-major order."""
    cells = [-(-n // edge) for n in dims]
    places = np.indices(dims) // edge
    return torch.from_numpy(np.ravel_multi_index(tuple(places), cells))


def maps_of(model, x, baseline, target, window, region):
    integrated, gap = IntegratedGradients(model).attribute(
        x, baseline, target, n_steps=STEPS, method="gausslegendre", return_convergence_delta=True
    )
    mask = boxes(x.shape[2:], region)[None, None]
    window_of = (x.shape[1],) + (window,) * (x.dim() - 2)
    feature = dict(baselines=baseline, target=target, feature_mask=mask)
    regional = lambda values: [values[0, 0][mask[0, 0] == r][0].item() for r in range(int(mask.max()) + 1)]
    # The whole path of LIME but its sampling and regression is a matter of taste; these are Ribeiro's choices, as ours.
    near = lambda _, __, kept, **___: exp(-((1 - sqrt(kept.double().mean().item())) ** 2) / KERNEL_WIDTH**2)
    lime = Lime(model, interpretable_model=SkLearnLinearRegression(), similarity_func=near)
    torch.manual_seed(1)
    return {
        "saliency": Saliency(model).attribute(x, target),
        "inputXGradient": InputXGradient(model).attribute(x, target),
        "integratedGradients": integrated,
        "occlusion": Occlusion(model).attribute(x, window_of, window_of, baseline, target)[:, :1],
    }, {
        "exactShapley": regional(ShapleyValues(model).attribute(x, **feature, perturbations_per_eval=64)),
        "kernelShap": regional(KernelShap(model).attribute(x, **feature, n_samples=COALITIONS)),
        "lime": regional(lime.attribute(x, **feature, n_samples=COALITIONS)),
    }, gap.item()


def smooth_grad(model, x, target):
    """NoiseTunnel over the signed gradient, and the Euclidean norm of one sample's standard deviation."""
    sigma = NOISE * (x.max() - x.min()).item()
    torch.manual_seed(1)
    how = dict(nt_samples=NOISY, nt_samples_batch_size=100, stdevs=sigma, target=target, abs=False)
    tunnel = NoiseTunnel(Saliency(model))
    mean = tunnel.attribute(x, nt_type="smoothgrad", **how)
    variance = tunnel.attribute(x, nt_type="vargrad", **how)
    return mean, variance.clamp(min=0).sum().sqrt().item()


def cams_of(model, x, target):
    targets = [ClassifierOutputTarget(target)]
    found = {}
    kinds = dict(gradCam=GradCAM, gradCamPlusPlus=GradCAMPlusPlus, hiResCam=HiResCAM, layerCam=LayerCAM, eigenCam=EigenCAM)
    if x.dim() == 4:  # the library's own limit
        kinds.update(scoreCam=ScoreCAM, ablationCam=AblationCAM)
    for name, kind in kinds.items():
        with kind(model, [model.layer]) as cam:
            cam.activations_and_grads(x)[0, target].backward()
            seen = cam.activations_and_grads
            held = [v[0].detach().cpu().numpy() for v in (seen.activations, seen.gradients)]
            found[name] = cam.get_cam_image(x, model.layer, targets, *held, eigen_smooth=False)
    return found, held[0]


def half_pixel(size):
    """What pytorch-grad-cam enlarges with aligns the corners of the grids; ours, and most of imaging, aligns their extents."""
    return nn.Upsample(size=size, mode="bilinear", align_corners=False)


def first_component(activation):
    """Eigen-CAM as its paper has it, not centred: projection on the first right singular vector, by its magnitude."""
    flat = activation[0].reshape(activation.shape[1], -1).T
    direction = np.linalg.svd(flat, full_matrices=False)[2][0]
    return (flat @ (direction * np.sign((flat @ direction).sum()))).reshape(activation.shape[2:])


def numbers(values):
    return [float(f"{v:.7g}") for v in np.asarray(values.detach() if torch.is_tensor(values) else values).ravel()]


def oracle(name, kind, out):
    model = prepare(kind)
    shape = (1,) + kind.dims
    calibrate(model, shape)
    path = out / f"{name}.onnx"
    torch.onnx.export(model, (torch.zeros(shape),), path, dynamo=False, opset_version=17, input_names=["x"], output_names=["y"])
    nodes = onnx.load(path).graph.node
    layer = next(n.input[0] for n in nodes if n.op_type in ("Flatten", "ReduceMean", "GlobalAveragePool", "Reshape"))

    model = model.double()
    tensor = lambda phase: torch.from_numpy(wave(int(np.prod(shape)), phase).astype(np.float32)).double().reshape(shape)
    x, baseline = tensor(0.1), 0.2 * tensor(2.5)
    maps, regions, gap = maps_of(model, x, baseline, kind.target, kind.window, kind.region)
    smooth, spread = smooth_grad(model, x, kind.target)
    cams, activation = cams_of(model, x, kind.target)
    return {
        "name": name,
        "dims": shape,
        "target": kind.target,
        "window": kind.window,
        "region": kind.region,
        "layer": layer,
        "layerDims": activation.shape[1:],
        "score": model(x)[0, kind.target].item(),
        "completenessGap": abs(gap),
        "maps": {k: numbers(v) for k, v in maps.items()},
        "regions": {k: numbers(v) for k, v in regions.items()},
        "smoothGrad": {"samples": NOISY, "deviation": spread, "map": numbers(smooth)},
        "cams": {k: numbers(v) for k, v in cams.items()} | {"eigenCamOfPaper": numbers(first_component(activation))},
        "activation": numbers(activation),
    }


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # tiny models
    nn.UpsamplingBilinear2d = half_pixel
    results = [oracle(name, kind, out) for name, kind in MODELS.items()]
    versions = {p: version(p) for p in ("torch", "onnx", "captum", "grad-cam", "scikit-learn", "numpy")}
    facts = {"versions": versions, "nSteps": STEPS, "noiseLevel": NOISE, "coalitions": COALITIONS, "kernelWidth": KERNEL_WIDTH}
    (out / "attributions.json").write_text(json.dumps({**facts, "models": results}) + "\n")


if __name__ == "__main__":
    main()
