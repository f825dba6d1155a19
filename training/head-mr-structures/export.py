"""The trained head model as ONNX: `python export.py OUT/last.pt model.onnx`. The averaged weights; opset 17, any even size.

Seven structures are named. The others are learned, so that their borders are right, but the two teachers agree too little on them
(third and fourth ventricle, amygdalae, ventral diencephalon): with the background they are "none of these", channel 0.
"""

import sys
from pathlib import Path

import onnx
import torch
from network import StructureNet
from prepare import LABELS
from torch import nn

NAMED = (
    "cerebral cortex",
    "cerebral white matter",
    "lateral ventricles",
    "deep grey",
    "hippocampi",
    "cerebellum",
    "brain stem",
)


class Export(nn.Module):
    """Logits [1, 8, d, h, w]: none of these, then NAMED; the softmax of the first is the sum of what it stands for."""

    def __init__(self, net: StructureNet):
        super().__init__()
        self.net = net
        named = [LABELS.index(name) for name in NAMED]
        others = [i for i in range(len(LABELS)) if i not in named]
        self.others, self.named = (self._of(places) for places in (others, named))
        net.head = nn.Identity()
        net.spread = InPieces(net.spread)

    def _of(self, places: list[int]) -> nn.Conv3d:
        part = nn.Conv3d(self.net.head.in_channels, len(places), 1)
        part.weight.data, part.bias.data = self.net.head.weight.data[places], self.net.head.bias.data[places]
        return part

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = self.net(x)
        return torch.cat([self.others(features).logsumexp(1, keepdim=True), self.named(features)], 1)


class InPieces(nn.Module):
    """A transposed convolution, three channels at a time: ONNX Runtime's takes 27 times its output beside it while it runs."""

    def __init__(self, whole: nn.ConvTranspose3d):
        super().__init__()
        self.pieces = nn.ModuleList()
        for begin in range(0, whole.out_channels, 3):
            channels = slice(begin, begin + 3)
            piece = nn.ConvTranspose3d(whole.in_channels, 3, 3, stride=2, padding=1, output_padding=1)
            piece.weight.data, piece.bias.data = whole.weight.data[:, channels], whole.bias.data[channels]
            self.pieces.append(piece)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([piece(x) for piece in self.pieces], 1)


def main(checkpoint: Path, file: Path) -> None:
    net = StructureNet(len(LABELS))
    net.load_state_dict(torch.load(checkpoint)["average"])
    sizes = {2: "D", 3: "H", 4: "W"}
    torch.onnx.export(
        Export(net).eval(),
        (torch.zeros(1, 1, 32, 32, 32),),
        str(file),
        opset_version=17,
        dynamo=False,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": sizes, "logits": sizes},
    )
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    print(file, file.stat().st_size, "bytes", sorted({node.op_type for node in model.graph.node}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
