"""A small residual network whose last features are averaged and weighed: each place's share of the logit is exact."""

import torch
import torch.nn.functional as F
from torch import nn


def _conv(i: int, o: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o))


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut; `stride` 2 halves the size, by the mean on the shortcut."""

    def __init__(self, i: int, o: int, stride: int = 1):
        super().__init__()
        self.first, self.second = _conv(i, o, stride), _conv(o, o)
        self.stride = stride
        self.shortcut = nn.Sequential(nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o)) if i != o else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.second(F.relu(self.first(x)))
        return F.relu(y + self.shortcut(F.avg_pool2d(x, 2) if self.stride == 2 else x))


class ChestNet(nn.Module):
    """x [n, 1, 224, 224] in 0..1 -> features [n, c, 14, 14] and logit [n, 1] = the mean of features . weights + bias."""

    def __init__(self, mean: float, deviation: float, widths: tuple[int, ...] = (24, 48, 80, 112)):
        super().__init__()
        self.mean, self.deviation = mean, deviation
        a, b, c, d = widths
        self.body = nn.Sequential(
            _conv(1, a, 2), nn.ReLU(), Block(a, b, 2), Block(b, c, 2), Block(c, c), Block(c, d), Block(d, d)
        )
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(d, 1)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        return self.body((F.avg_pool2d(x, 2) - self.mean) / self.deviation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.features(x).mean((2, 3))))
