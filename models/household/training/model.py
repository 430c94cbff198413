"""The two towers of "household": a small residual convnet for 64x64 tiles and a two-layer transformer for phrases.

Both end in unit vectors of one space. Everything here is exported to ONNX as it stands (export.py), so the handling
of padding and of words that are to be ignored lives inside the text tower.
"""
import torch
from torch import nn
from torch.nn import functional as F

TILE = 64
WIDTHS = (24, 32, 96, 192)
EXPANSION = 2
DIM = 128
CONTEXT = 12


class ConvBN(nn.Module):
    """relu(bn(conv)); without relu where `active` is false."""

    def __init__(self, cin, cout, kernel=3, stride=1, groups=1, active=True):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.active = active

    def forward(self, x):
        y = self.bn(self.conv(x))
        return F.relu(y) if self.active else y


class Residual(nn.Module):
    """x + relu(bn(conv3x3(x)))"""

    def __init__(self, width):
        super().__init__()
        self.body = ConvBN(width, width)

    def forward(self, x):
        return x + self.body(x)


class Inverted(nn.Module):
    """x + bn(pw(relu(bn(pw(bn(dw3x3(x)))))))"""

    def __init__(self, width, expansion):
        super().__init__()
        self.body = nn.Sequential(
            ConvBN(width, width, groups=width, active=False),
            ConvBN(width, width * expansion, kernel=1),
            ConvBN(width * expansion, width, kernel=1, active=False),
        )
        nn.init.constant_(self.body[2].bn.weight, 0.2)

    def forward(self, x):
        return x + self.body(x)


class AttentionPool(nn.Module):
    """[N, C, 4, 4] -> [N, C]: each head weighs the cells by what they show and by where they are."""

    def __init__(self, width, heads=4, cells=16):
        super().__init__()
        self.heads = heads
        self.content = nn.Conv2d(width, heads, 1, bias=False)
        self.place = nn.Parameter(torch.zeros(heads, cells))
        nn.init.normal_(self.content.weight, std=0.01)

    def forward(self, x):
        n, c = x.shape[0], x.shape[1]
        weights = (self.content(x).flatten(2) + self.place).softmax(-1)  # [N, heads, cells]
        values = x.reshape(-1, self.heads, c // self.heads, weights.shape[2])
        return (values @ weights.unsqueeze(-1)).reshape(-1, c)


class ImageTower(nn.Module):
    """[N, 3, 64, 64] normalised pixels -> [N, DIM] unit vectors."""

    def __init__(self, widths=WIDTHS, expansion=EXPANSION, dim=DIM):
        super().__init__()
        a, b, c, d = widths
        # Up to stride 8; also what the dense features are made of.
        self.trunk = nn.Sequential(
            ConvBN(3, a, stride=2),
            ConvBN(a, b, stride=2),
            Residual(b),
            ConvBN(b, c, stride=2),
            Residual(c),
        )
        self.head = nn.Sequential(ConvBN(c, d, stride=2), Inverted(d, expansion), Inverted(d, expansion))
        self.pool = AttentionPool(d)
        self.project = nn.Linear(d, dim)

    def forward(self, x):
        return unit(self.project(self.pool(self.head(self.trunk(x)))))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.depth = heads, width // heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, bias):
        """x [N, L, W]; bias [N, 1, 1, L] is added to the scores: 0 for words, very negative for what is ignored."""
        length, width = x.shape[1], x.shape[2]
        qkv = self.qkv(x).reshape(-1, length, 3, self.heads, self.depth).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]  # [N, heads, L, depth]
        weights = (q @ k.transpose(2, 3) * self.depth**-0.5 + bias).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(-1, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 3 * width), nn.ReLU(), nn.Linear(3 * width, width))

    def forward(self, x, bias):
        x = x + self.attention(self.norm1(x), bias)
        return x + self.mlp(self.norm2(x))


class TextTower(nn.Module):
    """
    [N, L] token ids -> [N, DIM] unit vectors.

    Ids below `first_content` (padding, [UNK], articles) are ignored exactly: they are masked, and positions count the
    remaining words only. A text of nothing else is read as the one word `empty_id`, "object".
    """

    def __init__(self, vocabulary, first_content, empty_id, width=96, heads=4, layers=2, dim=DIM, context=CONTEXT):
        super().__init__()
        self.first_content, self.empty_id = first_content, empty_id
        self.words = nn.Embedding(vocabulary, width)
        self.places = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, dim)
        nn.init.normal_(self.words.weight, std=0.3)
        nn.init.normal_(self.places.weight, std=0.05)

    def forward(self, ids):
        known = (ids >= self.first_content).float()  # [N, L]
        empty = (known.sum(1, keepdim=True) < 0.5).float()  # [N, 1]
        # 1 at the first place of a text without known words, 0 elsewhere.
        filled = F.pad(empty, (0, ids.shape[1] - 1))
        known = known + filled
        ids = ids * (1 - filled.long()) + self.empty_id * filled.long()
        places = (known.cumsum(1) - 1).clamp(min=0).long()
        x = self.words(ids) + self.places(places)
        bias = ((known - 1) * 1e4)[:, None, None, :]
        for block in self.blocks:
            x = block(x, bias)
        weights = (known / known.sum(1, keepdim=True)).unsqueeze(-1)
        return unit(self.project((self.norm(x) * weights).sum(1)))


class DenseTower(nn.Module):
    """
    The trunk on a whole photo: [1, 3, H, W] -> [1, channels, floor(H/8), floor(W/8)], projected by a fixed 1x1 conv.

    A strided 3x3 convolution with padding 1 on both sides looks at the upper left corner of its cell. The photo is
    moved by half a cell so that a feature sits in the middle of its patch, and padded on one side only, which for even
    sizes is the same convolution and for odd ones rounds down as the grid of patches does.
    """

    def __init__(self, trunk, projection):
        super().__init__()
        self.trunk, self.projection = trunk, projection

    def forward(self, x):
        x = F.pad(x[:, :, 4:, 4:], (0, 4, 0, 4), mode="replicate")
        for layer in self.trunk:
            if isinstance(layer, ConvBN) and layer.conv.stride[0] == 2:
                y = F.conv2d(F.pad(x, (1, 0, 1, 0)), layer.conv.weight, None, 2)
                x = F.relu(layer.bn(y))
            else:
                x = layer(x)
        return self.projection(x)


def unit(x):
    return x / x.pow(2).sum(-1, keepdim=True).sqrt().clamp(min=1e-6)
