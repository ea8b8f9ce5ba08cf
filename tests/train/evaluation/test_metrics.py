"""The networks behind metrics, here tiny and random; the measures are checked against references."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from skimage.metrics import structural_similarity
from torch import nn

from train.evaluation import litert, metrics, networks
from train.evaluation.torchvision_import import torchvision

from torchmetrics.image.inception import InceptionScore  # isort: skip (after train.evaluation.torchvision_import)


@pytest.fixture(scope="module")
def images(photographs) -> torch.Tensor:
    """An original, itself again, and it without colour: (3, 3, 96, 96) of 0…1."""
    original = torch.tensor(photographs["coffee"][100:196, 200:296]).permute(2, 0, 1) / 255
    grey = original.mean(0, keepdim=True).expand_as(original)
    return torch.stack((original, original, grey))


NAMES = ["ground truth", "same", "grey"]


class Tiny(nn.Module):
    """A network with torchvision's MobileNetV2's two parts."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(nn.Conv2d(3, 12, 5, stride=4), nn.ReLU())
        self.classifier = nn.Linear(12, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean((2, 3))) * 20


class TinyLiteRT:
    """Stand-in for a LiteRT interpreter: one picture in, channels last, ``channels`` of it out."""

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def get_input_details(self) -> list[dict]:
        return [{"index": 3, "shape": np.array([1, 32, 48, 3]), "dtype": np.float32}]

    def get_output_details(self) -> list[dict]:
        shape = np.array([1, 32, 48, self.channels])
        return [{"index": 7, "shape": shape, "dtype": np.float32}]

    def set_tensor(self, index: int, value: np.ndarray) -> None:
        assert (index, value.shape, value.dtype) == (3, (1, 32, 48, 3), np.float32)
        self.picture = value

    def invoke(self) -> None:
        self.out = self.picture[..., : self.channels].copy()

    def get_tensor(self, index: int) -> np.ndarray:
        assert index == 7
        return self.out


def test_ssim_is_scikit_images(images):
    metric = metrics.Similarity()
    metric.add(NAMES, images, None)
    assert metric.compute("same")["ssim"] == pytest.approx(1, abs=1e-4)
    reference = structural_similarity(
        *(i.permute(1, 2, 0).numpy() for i in (images[2], images[0])),
        channel_axis=2,
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert metric.compute("grey")["ssim"] == pytest.approx(reference, abs=0.01)


def test_recognition_counts_agreement_and_labels(images):
    model = Tiny()
    label = model(networks.prepared(images[:1])).argmax().item()
    metric = metrics.Recognition(model)
    metric.add(NAMES, images, label)
    metric.add(NAMES, images, (label + 1) % 10)
    assert metric.compute("same")["classifier_agreement"] == 1
    assert metric.compute("same")["top1"] == 0.5
    assert 0.5 <= metric.compute("same")["top5"] <= 1
    unlabelled = metrics.Recognition(model)
    unlabelled.add(NAMES, images, None)
    assert "top1" not in unlabelled.compute("grey")


def test_segmentation_is_the_share_of_pixels_with_the_same_answer(images):
    metric = metrics.Segmentation(lambda x: x.argmax(1))  # a pixel's class is its strongest channel
    metric.add(NAMES, images, None)
    assert metric.compute("same")["pixel_accuracy"] == 1
    share = (images[2].argmax(0) == images[0].argmax(0)).float().mean().item()
    assert metric.compute("grey")["pixel_accuracy"] == pytest.approx(share)
    assert 0 < share < 1


def test_a_torchvision_network_segments(images, tmp_path):
    torch.manual_seed(0)
    name = "lraspp_mobilenet_v3_large"
    model = torchvision.models.get_model(name, weights=None, weights_backbone=None).eval()
    save_file(model.state_dict(), tmp_path / "net.safetensors")
    labels = networks.segmenter(f"{name}={tmp_path / 'net.safetensors'}")
    with torch.no_grad():
        expected = model(networks.prepared(images, None))["out"].argmax(1)
        assert (labels(images) == expected).float().mean() > 0.999


def test_a_litert_network_segments(images):
    strongest = litert.Segmenter(TinyLiteRT(3))(images)
    small = torch.nn.functional.interpolate(images, size=(32, 48), mode="bilinear", antialias=True)
    assert torch.equal(strongest, small.argmax(1))
    one = litert.Segmenter(TinyLiteRT(1))(images)
    assert torch.equal(one, (small[:, 0] > 0.5).long())
    assert 0 < one.float().mean() < 1


def test_a_litert_network_that_is_none_is_refused_in_a_sentence(tmp_path, monkeypatch):
    class Sound(TinyLiteRT):
        def get_input_details(self) -> list[dict]:
            return [{"index": 0, "shape": np.array([1, 16000]), "dtype": np.float32}]

    with pytest.raises(ValueError, match="one picture into one map"):
        litert.Segmenter(Sound(1))
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(networks.MetricError, match="pip install ai-edge-litert"):
        networks.segmenter(str(tmp_path / "net.tflite"))

    def refuse(model_path: str, num_threads: int) -> None:
        raise ValueError("Model provided has model identifier 'nonsense'")

    stub = types.SimpleNamespace(Interpreter=refuse)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", stub)
    with pytest.raises(networks.MetricError, match="There is no file"):
        networks.segmenter(str(tmp_path / "net.tflite"))
    (tmp_path / "net.tflite").write_bytes(b"nonsense")
    with pytest.raises(networks.MetricError, match="no network that LiteRT can read"):
        networks.segmenter(str(tmp_path / "net.tflite"))


def test_inception_score_is_torchmetrics(photographs):
    model = Tiny().eval()
    metric = metrics.Inception(model)
    reference = InceptionScore(feature=_Logits(model), splits=1)
    for i in range(8):
        crop = photographs["astronaut"][40 * i : 40 * i + 96, 30 * i : 30 * i + 96]
        image = torch.tensor(crop).permute(2, 0, 1)[None] / 255
        metric.add(["ground truth", "same"], image.expand(2, -1, -1, -1), None)
        reference.update(image)
    expected = reference.compute()[0].item()
    assert metric.compute("same")["inception_score"] == pytest.approx(expected, rel=1e-4)
    assert metric.compute("same")["frechet_distance"] == pytest.approx(0, abs=1e-6)
    assert metric.compute("nobody") == {}


class _Logits(nn.Module):
    def __init__(self, model: Tiny) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model.classifier(self.model.features(networks.prepared(x)).mean((2, 3)))


def test_frechet_distance_grows_with_the_difference(photographs):
    metric, by_fours = metrics.Inception(Tiny().eval()), metrics.Inception(Tiny().eval())
    by_fours.model, by_fours.TOGETHER = metric.model, 4
    for i in range(6):
        crop = photographs["chelsea"][30 * i : 30 * i + 96, 30 * i : 30 * i + 96]
        image = torch.tensor(crop).permute(2, 0, 1) / 255
        grey = image.mean(0, keepdim=True).expand_as(image)
        for one in (metric, by_fours):
            one.add(NAMES, torch.stack((image, 0.8 * image + 0.2 * grey, grey)), None)
    near, far = (metric.compute(n)["frechet_distance"] for n in ("same", "grey"))
    assert 0 < near < far
    assert by_fours.compute("grey")["frechet_distance"] == pytest.approx(far)


@pytest.mark.slow
def test_lpips_is_zero_for_the_same_and_not_for_another(images):
    torch.manual_seed(0)
    metric = metrics.Perception(torchvision.models.alexnet(weights=None).state_dict())
    metric.add(NAMES, images, None)
    assert metric.compute("same")["lpips"] == pytest.approx(0, abs=1e-6)
    assert metric.compute("grey")["lpips"] > 1e-6
    with pytest.raises(networks.MetricError, match="alexnet"):
        metrics.Perception({"no": torch.zeros(1)})


def test_networks_come_from_files_only_unless_a_download_is_allowed(tmp_path):
    torch.manual_seed(0)
    state = torchvision.models.mobilenet_v3_small(weights=None).state_dict()
    path = tmp_path / "net.safetensors"
    save_file({k: v.contiguous() for k, v in state.items()}, path)
    model = networks.network(f"mobilenet_v3_small={path}")
    assert torch.equal(model.classifier[0].weight, state["classifier.0.weight"])
    with pytest.raises(networks.MetricError, match="no weights of mobilenet_v2"):
        networks.network(str(path))
    with pytest.raises(networks.MetricError, match="--fetch"):
        networks.network("mobilenet_v2")
    (tmp_path / "broken.pth").write_bytes(b"not weights")
    with pytest.raises(networks.MetricError, match="can be read"):
        networks.network(f"mobilenet_v2={tmp_path / 'broken.pth'}")


def test_labels_of_folders():
    label = metrics.class_of(
        ["tench", "golden retriever", "crane", "crane"], ["n1", "n2", "n3", "n4"]
    )
    assert [label(x) for x in ("0", "golden_retriever", "Crane", "n4")] == [0, 1, 2, 3]
    with pytest.raises(networks.MetricError, match="'poodle' names no ImageNet class"):
        label("poodle")


def test_prepared_is_imagenets_normalisation():
    x = networks.prepared(torch.full((1, 3, 10, 10), 0.5))
    assert x.shape == (1, 3, 224, 224)
    np.testing.assert_allclose(x[0, :, 0, 0].numpy(), [0.066, 0.196, 0.418], atol=0.01)
