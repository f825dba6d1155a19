"""Exports small models with seeded random weights, and their input gradients by PyTorch in float64.

    python test/oracle/export_models.py OUT [--full] [--script | --dynamo] [NAME ...]

Writes OUT/NAME.onnx and OUT/gradients.json. The input and the seed (what the output is multiplied with) are wave(n), which
the tests compute too. `entries` are gradient values at equal distances; `float32_error` is how far PyTorch's own float32
gradient lies from them, as relative L2. With --full, models of the usual size are exported and the whole float64 gradient is
written beside each as NAME.f64. Needs torch, torchvision, onnx, onnxscript, numpy: the versions go into the JSON.
"""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
import torchvision
from torch import nn
from torchvision.models import convnext, densenet, efficientnet, mobilenetv3, resnet, swin_transformer
from torchvision.models import vision_transformer

F = nn.functional
ENTRIES = 256


def wave(n: int, phase: float) -> np.ndarray:
    i = np.arange(n, dtype=np.float64)
    return np.sin(1.7 * i + phase) + 0.5 * np.sin(0.31 * i * (1 + (0.01 * i) % 7))


class SmallResNet(nn.Module):
    def __init__(self, block, classes=4):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        e = block.expansion
        norm = nn.BatchNorm2d
        down = lambda i, o, s: nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), norm(o))
        wide = {"base_width": 64} if e == 1 else {"base_width": 32}
        self.layers = nn.Sequential(
            block(8, 8, 1, down(8, 8 * e, 1) if e > 1 else None, **wide),
            block(8 * e, 12, 2, down(8 * e, 12 * e, 2), **wide),
        )
        self.head = nn.Linear(12 * e, classes)

    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.layers(self.stem(x)), 1), 1))


def conv_block(dim, i, o, norm):
    conv = nn.Conv2d if dim == 2 else nn.Conv3d
    return nn.Sequential(conv(i, o, 3, padding=1), norm(o, affine=True), nn.LeakyReLU(0.01))


class UNet(nn.Module):
    """Encoder and decoder with a skip at each of two levels; one step up by transposed convolution, one by interpolation."""

    def __init__(self, dim, width=8):
        super().__init__()
        norm = nn.InstanceNorm2d if dim == 2 else nn.InstanceNorm3d
        up = nn.ConvTranspose2d if dim == 2 else nn.ConvTranspose3d
        w = width
        self.mode = "bilinear" if dim == 2 else "trilinear"
        self.down1, self.down2, self.down3 = (conv_block(dim, i, o, norm) for i, o in [(1, w), (w, 2 * w), (2 * w, 2 * w)])
        self.pool = nn.MaxPool2d(2) if dim == 2 else nn.MaxPool3d(2)
        self.up = up(2 * w, w, 2, 2)
        self.mix2, self.mix1 = conv_block(dim, 3 * w, w, norm), conv_block(dim, 2 * w, w, norm)
        self.out = (nn.Conv2d if dim == 2 else nn.Conv3d)(w, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        c = self.up(self.down3(self.pool(b)))
        d = F.interpolate(self.mix2(torch.cat([c, b], 1)), scale_factor=2.0, mode=self.mode)
        return self.out(self.mix1(torch.cat([d, a], 1)))


class MeshNet(nn.Module):
    def __init__(self, width=5, classes=3):
        super().__init__()
        layers, i = [], 1
        for d in (1, 2, 4, 2, 1):
            layers += [nn.Conv3d(i, width, 3, padding=d, dilation=d), nn.BatchNorm3d(width), nn.ReLU()]
            i = width
        self.net = nn.Sequential(*layers, nn.Conv3d(width, classes, 1))

    def forward(self, x):
        return self.net(x)


class FcosHead(nn.Module):
    """Two pyramid levels, a head that both share with GroupNorm; class scores and boxes as one list per level."""

    def __init__(self, w=8):
        super().__init__()
        conv = lambda i, o, s=1: nn.Sequential(nn.Conv2d(i, o, 3, s, 1), nn.GroupNorm(4, o), nn.ReLU())
        self.c1, self.c2 = conv(3, w, 2), conv(w, w, 2)
        self.side = nn.Conv2d(w, w, 1)
        self.tower = nn.Sequential(conv(w, w), conv(w, w))
        self.score, self.box, self.centre = nn.Conv2d(w, 2, 3, padding=1), nn.Conv2d(w, 4, 3, padding=1), nn.Conv2d(w, 1, 3, padding=1)
        self.scales = nn.Parameter(torch.tensor([0.8, 1.3]))

    def forward(self, x):
        p1 = self.c1(x)
        p2 = self.c2(p1)
        p1 = self.side(p1) + F.interpolate(p2, size=p1.shape[-2:], mode="nearest")
        rows = []
        for scale, p in zip(self.scales, (p1, p2)):
            t = self.tower(p)
            score = torch.sigmoid(self.score(t)) * torch.sigmoid(self.centre(t))
            box = torch.exp(0.1 * scale * self.box(t))
            rows.append(torch.cat([score.flatten(2), box.flatten(2)], 1).transpose(1, 2))
        return torch.cat(rows, 1)


class Quantised(nn.Module):
    """Convolutions with fake quantisation of weights and activations: exported as QuantizeLinear and DequantizeLinear."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.Linear(8, 4)

    def forward(self, x):
        q = lambda v, s: torch.fake_quantize_per_tensor_affine(v, s, 0, -128, 127)
        x = q(x, 0.015)
        x = q(F.relu(F.conv2d(x, q(self.a.weight, 0.004), self.a.bias, padding=1)), 0.01)
        x = q(F.relu(F.conv2d(x, q(self.b.weight, 0.004), self.b.bias, stride=2, padding=1)), 0.01)
        return self.head(x.mean((2, 3)))


def mobilenet():
    block = partial(mobilenetv3.InvertedResidualConfig, dilation=1, width_mult=1.0)
    return mobilenetv3.MobileNetV3([block(8, 3, 8, 8, True, "RE", 2), block(8, 5, 16, 12, True, "HS", 2), block(12, 5, 24, 12, True, "HS", 1)], 24, num_classes=4)


def efficient():
    block = partial(efficientnet.MBConvConfig, width_mult=1.0, depth_mult=1.0)
    return efficientnet.EfficientNet([block(1, 3, 1, 8, 8, 1), block(4, 3, 2, 8, 12, 2), block(4, 5, 2, 12, 16, 1)], dropout=0.2, num_classes=4, last_channel=32)


def convnet():
    block = convnext.CNBlockConfig
    return convnext.ConvNeXt([block(8, 16, 1), block(16, 24, 1), block(24, None, 1)], num_classes=4)


SMALL = {
    "resnet-18": (lambda: SmallResNet(resnet.BasicBlock), (1, 3, 32, 32), "script", 11),
    "resnet-50": (lambda: SmallResNet(resnet.Bottleneck), (1, 3, 32, 32), "dynamo", 18),
    "densenet-121": (lambda: densenet.DenseNet(4, (2, 3, 2), 8, num_classes=4), (1, 3, 32, 32), "script", 13),
    "mobilenet-v3": (mobilenet, (1, 3, 32, 32), "script", 17),
    "efficientnet-b0": (efficient, (1, 3, 32, 32), "dynamo", 18),
    "convnext-t": (convnet, (1, 3, 32, 32), "script", 17),
    "vit-b-16": (lambda: vision_transformer.VisionTransformer(32, 8, 2, 2, 24, 48, num_classes=4), (1, 3, 32, 32), "script", 17),
    "vit-b-16-dynamo": (lambda: vision_transformer.VisionTransformer(32, 8, 2, 2, 24, 48, num_classes=4), (1, 3, 32, 32), "dynamo", 20),
    "swin-t": (lambda: swin_transformer.SwinTransformer([2, 2], 8, [2, 2], [2, 2], [4, 4], num_classes=4), (1, 3, 32, 32), "dynamo", 18),
    "u-net": (lambda: UNet(2, 6), (1, 1, 32, 32), "script", 13),
    "u-net-3d": (lambda: UNet(3, 4), (1, 1, 12, 16, 8), "script", 17),
    "meshnet-3d": (MeshNet, (1, 1, 12, 14, 10), "dynamo", 18),
    "fcos": (FcosHead, (1, 3, 32, 32), "script", 17),
    "qdq": (Quantised, (1, 3, 16, 16), "script", 13),
}

tv = torchvision.models
FULL = {
    "resnet-18": (tv.resnet18, (1, 3, 224, 224), "script", 17),
    "densenet-121": (tv.densenet121, (1, 3, 224, 224), "script", 17),
    "mobilenet-v3": (tv.mobilenet_v3_small, (1, 3, 224, 224), "script", 17),
    "efficientnet-b0": (tv.efficientnet_b0, (1, 3, 224, 224), "script", 17),
    "resnet-50": (tv.resnet50, (1, 3, 224, 224), "dynamo", 18),
    "convnext-t": (tv.convnext_tiny, (1, 3, 224, 224), "script", 17),
    "vit-b-16": (tv.vit_b_16, (1, 3, 224, 224), "script", 17),
    "swin-t": (tv.swin_t, (1, 3, 224, 224), "script", 17),
    "u-net": (lambda: UNet(2, 16), (1, 1, 64, 64), "script", 17),
    "u-net-3d": (lambda: UNet(3, 8), (1, 1, 48, 48, 48), "script", 17),
    "meshnet-3d": (lambda: MeshNet(16), (1, 1, 64, 64, 64), "script", 17),
    "fcos": (lambda: FcosHead(32), (1, 3, 128, 128), "script", 17),
    "qdq": (Quantised, (1, 3, 64, 64), "script", 13),
}


def prepare(make) -> nn.Module:
    """Random weights under which no layer goes silent: norms with their own scale and statistics."""
    torch.manual_seed(1)
    model = make().eval()
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.uniform_(m.bias, -0.3, 0.3)
            m.momentum = None
        elif isinstance(m, nn.Linear) and m.weight.abs().max() == 0:
            nn.init.normal_(m.weight, std=0.02)
        if getattr(m, "layer_scale", None) is not None:
            nn.init.constant_(m.layer_scale, 0.5)
    return model


def calibrate(model, shape):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for m in norms:
        m.train()
    if norms:
        with torch.no_grad():
            for _ in range(2):
                model(torch.randn((4,) + shape[1:]))
    model.eval()


def gradient(model, x, dtype):
    model = model.to(dtype)
    x = x.to(dtype).requires_grad_()
    y = model(x)
    seed = torch.from_numpy(wave(y.numel(), 0.4).astype(np.float32)).reshape(y.shape).to(dtype)
    (g,) = torch.autograd.grad(y, x, seed)
    return g.double().numpy().ravel(), y.detach().double().numpy().ravel()


def export(name, spec, out: Path, full: bool, how: str | None):
    make, shape, exporter, opset = spec
    model = prepare(make)
    calibrate(model, shape)
    x = torch.from_numpy(wave(int(np.prod(shape)), 0.1).astype(np.float32)).reshape(shape)
    reference, output = gradient(model, x, torch.float64)
    own, _ = gradient(model, x, torch.float32)
    exporter = how or exporter
    path = out / f"{name}.onnx"
    torch.onnx.export(model, (x,), path, dynamo=exporter == "dynamo", opset_version=opset, input_names=["x"], output_names=["y"], external_data=False)
    proto = onnx.load(path)
    for node in proto.graph.node:  # names of scopes and stack traces: half of a small file
        node.doc_string = ""
        del node.metadata_props[:]
    del proto.graph.value_info[:]
    onnx.save(proto, path)
    if full:
        reference.astype("<f8").tofile(out / f"{name}.f64")
    step = max(1, len(reference) // ENTRIES)
    return {
        "name": name,
        "exporter": exporter,
        "opset": proto.opset_import[0].version,
        "dims": list(shape),
        "outputs": len(output),
        "first_outputs": [float(f"{v:.8g}") for v in output[:4]],
        "step": step,
        "entries": [float(f"{v:.9g}") for v in reference[::step]],
        "norm": float(np.linalg.norm(reference)),
        "float32_error": float(np.linalg.norm(own - reference) / np.linalg.norm(reference)),
    }


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    out, names = Path(args[0]), args[1:]
    full = "--full" in sys.argv
    how = "dynamo" if "--dynamo" in sys.argv else "script" if "--script" in sys.argv else None
    out.mkdir(parents=True, exist_ok=True)
    models = FULL if full else SMALL
    results = []
    for name in names or models:
        results.append(export(name, models[name], out, full, how))
        print(name, (out / f"{name}.onnx").stat().st_size, results[-1]["float32_error"], flush=True)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "onnx": onnx.__version__}
    (out / "gradients.json").write_text(json.dumps({"versions": versions, "models": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
