"""Random views of a batch of radiographs, against shortcuts that stand for how and where an image was made.

Crop, aspect ratio, window, sharpness, noise and borders differ between the sources of the data, so each is drawn at random:
what a network could read from them carries no answer any more.
"""

import math

import torch
import torch.nn.functional as F


def augment(x: torch.Tensor) -> torch.Tensor:
    """x [n, 1, row, column] in 0..1 -> the same, augmented. Uses torch's global random state."""
    x = _move(x)
    x = _window(x)
    x = _illumination(x)
    x = _sharpness(x)
    x = _borders(x)
    x = x + torch.randn_like(x) * _each(x, 0, 0.04) * _with(x, 0.5)
    return x.clamp(0, 1)


def _each(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """One number an image, uniform, [n, 1, 1, 1]."""
    return torch.empty(x.shape[0], 1, 1, 1).uniform_(low, high)


def _with(x: torch.Tensor, probability: float) -> torch.Tensor:
    """1 for some images, 0 for the others, [n, 1, 1, 1]."""
    return (torch.rand(x.shape[0], 1, 1, 1) < probability).float()


def _move(x: torch.Tensor) -> torch.Tensor:
    """Turn, stretch each axis by itself, shear, shift, mirror; what lies outside is black or the edge's value."""
    n = x.shape[0]
    turn = torch.randn(n) * math.radians(5)
    size = torch.exp(torch.randn(n) * 0.10)
    aspect = torch.exp(torch.randn(n) * 0.12)
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    shear = torch.randn(n) * 0.04
    place = torch.zeros(n, 2, 3)
    place[:, 0, 0] = torch.cos(turn) * size * aspect * mirror
    place[:, 0, 1] = -torch.sin(turn) * size / aspect + shear
    place[:, 1, 0] = torch.sin(turn) * size * aspect * mirror
    place[:, 1, 1] = torch.cos(turn) * size / aspect
    place[:, :, 2] = torch.randn(n, 2) * 0.06
    grid = F.affine_grid(place, list(x.shape), align_corners=False)
    outside = "zeros" if torch.rand(()) < 0.7 else "border"
    return F.grid_sample(x, grid, padding_mode=outside, align_corners=False)


def _window(x: torch.Tensor) -> torch.Tensor:
    """Gamma, contrast and brightness; or a soft S curve; sometimes stretched to the image's own 1st and 99th percentile."""
    x = x ** torch.exp(_each(x, -0.5, 0.5))
    slope, middle = _each(x, 3, 7), x.mean((1, 2, 3), keepdim=True) + _each(x, -0.12, 0.12)
    curved = torch.sigmoid((x - middle) * slope)
    low, high = torch.sigmoid(-middle * slope), torch.sigmoid((1 - middle) * slope)
    x = torch.where(_with(x, 0.3) > 0, (curved - low) / (high - low), x)
    q = torch.quantile(x.flatten(1)[:, ::37], torch.tensor([0.01, 0.99]), dim=1).reshape(2, -1, 1, 1, 1)
    x = torch.where(_with(x, 0.2) > 0, (x - q[0]) / (q[1] - q[0] + 1e-3), x)
    return ((x - 0.5) * _each(x, 0.65, 1.35) + 0.5 + _each(x, -0.15, 0.15)).clamp(0, 1)


def _illumination(x: torch.Tensor) -> torch.Tensor:
    """A smooth field of brightness, as scatter, grids and post-processing leave."""
    field = F.interpolate(torch.randn(x.shape[0], 1, 4, 4), size=x.shape[2:], mode="bicubic", align_corners=True)
    return x * torch.exp(field * _each(x, 0, 0.15) * _with(x, 0.5))


def _sharpness(x: torch.Tensor) -> torch.Tensor:
    """Blurred, or with its edges raised: `amount` -1 is the blurred image, 0 the image, above it the differences added."""
    width = 5 if torch.rand(()) < 0.6 else 9
    smooth = F.avg_pool2d(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), width, 1, width // 2, count_include_pad=False)
    return x + (x - smooth) * _each(x, -1, 0.8) * _with(x, 0.6)


def _borders(x: torch.Tensor) -> torch.Tensor:
    """Collimation on any side, a bright marker near a corner, a grey block anywhere."""
    rows = torch.linspace(0, 1, x.shape[2]).reshape(1, 1, -1, 1)
    columns = torch.linspace(0, 1, x.shape[3]).reshape(1, 1, 1, -1)
    for axis in (rows, columns):
        for side in (axis, 1 - axis):
            x = x * torch.where((side < _each(x, 0, 0.12)) & (_with(x, 0.12) > 0), 0.0, 1.0)
    x = _block(x, rows, columns, 0.10, 1.0, 0.15)
    return _block(x, rows, columns, 0.30, None, 0.30)


def _block(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, most: float, value: float | None, probability: float):
    """A rectangle of up to `most` of each axis, of one value; without a value, the image's own mean."""
    top, left, height, width = _each(x, 0, 1), _each(x, 0, 1), _each(x, most / 4, most), _each(x, most / 4, most)
    inside = ((rows - top).abs() < height / 2) & ((columns - left).abs() < width / 2) & (_with(x, probability) > 0)
    return torch.where(inside, x.mean((1, 2, 3), keepdim=True) if value is None else torch.tensor(value), x)
