"""One random view of a head: moved, in another contrast, as another scanner might have made it.

Two kinds of contrast: the image's own, bent; and one drawn anew from the labels (the idea of SynthSeg, Billot 2023), where each structure
gets an intensity at random and what has no label keeps its own, bent. So the network learns shapes and neighbours, not grey values.
"""

import math

import torch
import torch.nn.functional as F

Size = tuple[int, int, int]


def view(image: torch.Tensor, labels: torch.Tensor, centre: torch.Tensor, size: Size) -> tuple[torch.Tensor, torch.Tensor]:
    """image, labels [1, 1, d, h, w] float, image 0..1; a view about `centre` [3] (voxels): x [1, 1, *size] and labels [1, *size]."""
    grid = _places(torch.tensor(image.shape[2:]), centre, size)
    y = F.grid_sample(labels, grid, mode="nearest", align_corners=True)[:, 0].long()
    x = F.grid_sample(image, grid, mode="bilinear", align_corners=True)
    x = _contrast(x, y)
    x = _field_of_view(x, y)
    x = _scanner(x)
    return x.clamp(0, 1), y


def _uniform(low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand(()))


def _chance(probability: float) -> bool:
    return float(torch.rand(())) < probability


def _places(shape: torch.Tensor, centre: torch.Tensor, size: Size) -> torch.Tensor:
    """Where each voxel of the view lies in the image, as grid_sample wants it: turned, stretched, sheared, bent, mirrored."""
    matrix = torch.eye(3)
    for i, j in ((1, 2), (0, 2), (0, 1)):
        angle = math.radians(float(torch.randn(())) * 8)
        turn = torch.eye(3)
        turn[i, i] = turn[j, j] = math.cos(angle)
        turn[i, j], turn[j, i] = -math.sin(angle), math.sin(angle)
        matrix = matrix @ turn
    scale = math.exp(_uniform(-0.15, 0.15)) * torch.exp((torch.rand(3) - 0.5) * 0.14)
    matrix = matrix @ torch.diag(scale) @ (torch.eye(3) + torch.randn(3, 3) * 0.02)
    if _chance(0.5):
        matrix = torch.diag(torch.tensor([-1.0, 1, 1])) @ matrix
    axes = torch.meshgrid(*(torch.arange(n) - (n - 1) / 2 for n in size), indexing="ij")
    places = torch.einsum("ij,jdhw->idhw", matrix, torch.stack(axes)) + centre[:, None, None, None]
    if _chance(0.5):
        n = int(_uniform(3, 8))
        places = places + _smooth((1, 3, n, n, n), size)[0] * _uniform(0, 3)
    return torch.stack([places[a] / (shape[a] - 1) * 2 - 1 for a in (2, 1, 0)], -1)[None]


def _smooth(shape: tuple[int, ...], size: Size) -> torch.Tensor:
    return F.interpolate(torch.randn(shape), size=size, mode="trilinear", align_corners=True)


def _contrast(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    drawn = torch.rand(())
    if drawn < 0.3:
        change = torch.randn(16) * _uniform(0.02, 0.08)
        change[0] = 0
        x = x + F.avg_pool3d(F.pad(change[y][:, None], (1,) * 6, mode="replicate"), 3, 1)
    elif drawn < 0.45:
        x = _drawn_anew(x, y)
    x = x.clamp(0, 1.5)
    if _chance(0.6):
        x = x ** math.exp(_uniform(-0.4, 0.4))
    if _chance(0.2):
        x = x + _uniform(-0.12, 0.12) * torch.sin(x * _uniform(2, 8))
    return x


def _drawn_anew(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Each structure about its own intensity moved at random, with a share of its texture."""
    inside = y > 0
    means = torch.bincount(y.flatten(), x.flatten(), 16) / torch.bincount(y.flatten(), minlength=16).clamp(min=1)
    wanted = (means + torch.randn(16) * 0.2).abs().clamp(0.03, 1)
    texture = (x[:, 0] - means[y]) * _uniform(0.4, 1)
    drawn = torch.where(inside, wanted[y] + texture, x[:, 0])[:, None]
    return F.avg_pool3d(F.pad(drawn, (1,) * 6, mode="replicate"), 3, 1) if _chance(0.5) else drawn


def _field_of_view(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Sometimes without what lies away from the brain: defaced, masked or stripped heads."""
    drawn = torch.rand(())
    if drawn > 0.12:
        return x
    brain = F.max_pool3d((y > 0).float()[:, None], 4, 4)
    grown = F.max_pool3d(brain, 3, 1, 1) if drawn < 0.05 else F.max_pool3d(brain, 9, 1, 4)
    return x * F.interpolate(grown, size=x.shape[2:], mode="nearest")


def _scanner(x: torch.Tensor) -> torch.Tensor:
    size = tuple(x.shape[2:])
    if _chance(0.7):
        n = int(_uniform(2, 5))
        x = x * torch.exp(_smooth((1, 1, n, n, n), size) * _uniform(0, 0.25))
    drawn = torch.rand(())
    if drawn < 0.25:
        axis, thickness = int(_uniform(0, 2.999)), _uniform(1.3, 4)
        thick = tuple(max(8, round(n / thickness)) if a == axis else n for a, n in enumerate(size))
        x = F.interpolate(F.interpolate(x, size=thick, mode="area"), size=size, mode="trilinear")
    elif drawn < 0.4:
        factor = _uniform(1.1, 2)
        small = tuple(round(n / factor) for n in size)
        x = F.interpolate(F.interpolate(x, size=small, mode="trilinear"), size=size, mode="trilinear")
    elif drawn < 0.5:
        x = x + _uniform(0.3, 1) * (x - F.avg_pool3d(x, 3, 1, 1))
    x = x * _uniform(0.75, 1.2) + _uniform(-0.04, 0.04)
    if _chance(0.7):
        x = x + torch.randn(x.shape) * _uniform(0, 0.05)
    return x.abs()
