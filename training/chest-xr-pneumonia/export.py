"""The trained chest model as ONNX: `python export.py kermany_224.tar OUT model.onnx pytorch.json`.

Averaged weights, opset 17, any number of images. Beside it PyTorch's own score of every test image, against which
`npm run evaluate chest-figures` holds ONNX Runtime's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from calibrate import load
from data import EDGE, read_test
from network import ChestNet
from torch import nn
from train import logits


class Export(nn.Module):
    """Score, logit, the map whose mean and the head's constant are the logit, and the features it is made of."""

    def __init__(self, net: ChestNet):
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.net.features(x)
        logit = self.net.head(features.mean((2, 3)))
        cam = F.conv2d(features, self.net.head.weight[:, :, None, None])
        return torch.sigmoid(logit), logit, cam, features


def main(archive: Path, folder: Path, file: Path, scores: Path) -> None:
    net = load(folder)
    names = ["input", "prob", "logit", "cam", "features"]
    torch.onnx.export(
        Export(net),
        (torch.zeros(1, 1, EDGE, EDGE),),
        str(file),
        opset_version=17,
        dynamo=False,
        input_names=names[:1],
        output_names=names[1:],
        dynamic_axes={name: {0: "N"} for name in names},
    )
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    print(file, file.stat().st_size, "bytes", sorted({node.op_type for node in model.graph.node}))
    print("constant of the head", float(net.head.bias.detach()))
    test = read_test(archive)
    probability = 1 / (1 + np.exp(-logits(net, test).astype(np.float64)))
    rows = {Path(name).name: round(float(p), 5) for name, p in zip(test.names, probability)}
    scores.write_text(json.dumps(rows, indent=0) + "\n")


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:]))
