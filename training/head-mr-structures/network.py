"""A MeshNet whose dilated layers run at half resolution: the teacher's own weights fit into it.

The teacher's layers have the dilations 1, 2, 4, 8, 16, 8, 4, 2, 1. What its layers two to eight say at even voxels they make of even
voxels alone, so at half resolution, with halved dilations, they say the same for an eighth of the work. Between the even voxels the
features are interpolated, and the first layer's own, which see every voxel, join them before the last one.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

DILATIONS = (1, 2, 4, 8, 4, 2, 1)
WIDTH, DETAIL, LAST = 21, 8, 24


class StructureNet(nn.Module):
    """x [1, 1, d, h, w] in 0..1, 1 mm, even sizes -> logits [1, classes, d, h, w]."""

    def __init__(self, classes: int):
        super().__init__()
        self.fine = nn.Conv3d(1, WIDTH, 3, padding=1)
        self.gather = nn.Conv3d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.trunk = nn.ModuleList(nn.Conv3d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS)
        self.spread = nn.ConvTranspose3d(WIDTH, WIDTH, 3, stride=2, padding=1, output_padding=1)
        self.detail = nn.Conv3d(WIDTH, DETAIL, 1)
        self.last = nn.Conv3d(WIDTH + DETAIL, LAST, 3, padding=1)
        self.head = nn.Conv3d(LAST, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = F.elu(self.fine(x))
        y = self.gather(fine)
        for layer in self.trunk:
            y = F.elu(layer(y))
        y = torch.cat([self.spread(y), F.elu(self.detail(fine))], 1)
        return self.head(F.elu(self.last(y)))

    def new_layers(self) -> list[nn.Parameter]:
        """What does not come from the teacher."""
        return [p for layer in (self.gather, self.spread, self.detail, self.last, self.head) for p in layer.parameters()]


@torch.no_grad()
def begin_as(net: StructureNet, teacher: Path, merged: np.ndarray) -> None:
    """The teacher's weights; those between its even voxels by interpolation; of merged classes the mean."""
    weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in onnx.load(teacher).graph.initializer}
    layer = [(weights[f"conv3d_{2 * i}.weight"], weights[f"conv3d_{2 * i}.bias"]) for i in range(9)]
    _set(net.fine, *layer[0])
    for module, values in zip(net.trunk, layer[1:8]):
        _set(module, *values)
    same = torch.eye(WIDTH)[:, :, None, None, None]
    centre = F.pad(torch.ones(1, 1, 1), (1,) * 6)
    _set(net.gather, same * centre, torch.zeros(WIDTH))
    line = torch.tensor([0.5, 1, 0.5])
    _set(net.spread, same * torch.einsum("i,j,k->ijk", line, line, line), torch.zeros(WIDTH))
    net.last.weight[:WIDTH, :WIDTH], net.last.bias[:WIDTH] = layer[8]
    net.last.weight[:WIDTH, WIDTH:] = 0
    for place in range(net.head.out_channels):
        of = torch.from_numpy(np.flatnonzero(merged == place))
        net.head.weight[place] = 0
        net.head.weight[place, :WIDTH] = weights["output.weight"][of].mean(0)
        net.head.bias[place] = weights["output.bias"][of].mean()


def _set(module: nn.Module, weight: torch.Tensor, bias: torch.Tensor) -> None:
    module.weight.copy_(weight)
    module.bias.copy_(bias)
