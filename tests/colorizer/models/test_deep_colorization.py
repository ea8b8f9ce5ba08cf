"""Deep Colorization: what describes a pixel, the three variants, label maps of two layouts."""

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.feature import daisy

from colorizer.color.lightness import lightness
from colorizer.models.deep_colorization import (
    NO_LABEL,
    DeepColorization,
    EncoderSemantics,
    LabelSemantics,
    build,
    describe,
    guided,
    predict,
)
from train.data.labels import Labelled, find_pairs, read_pair
from train.data.photographs import DataError


@pytest.fixture(scope="module")
def chelsea(photographs) -> torch.Tensor:
    """L of a real photograph, (1, 1, 96, 120)."""
    part = np.ascontiguousarray(photographs["chelsea"][60:252:2, 100:340:2])
    return torch.from_numpy(lightness(part))[None, None]


@pytest.mark.parametrize(("variant", "count"), [("A", 81), ("B", 131)])
def test_the_figures_of_a_pixel_are_as_many_as_the_sources_say(chelsea, variant, count):
    model = DeepColorization(variant).eval()
    features = model.features(chelsea)
    assert features.shape == (1, 96 * 120, count)
    assert torch.isfinite(features).all()
    assert model(features[0, :7]).shape == (7, 2)
    some = torch.tensor([[0, 5000, 11519]])
    assert torch.equal(model.features(chelsea, at=some), features[:, some[0]])
    assert len([layer for layer in model.layers if isinstance(layer, torch.nn.ReLU)]) == 3


def test_the_patch_is_the_seven_by_seven_around_the_pixel(chelsea):
    features = DeepColorization("A").features(chelsea)
    patch = features[0, 40 * 120 + 50, :49].view(7, 7)
    assert torch.equal(patch, chelsea[0, 0, 37:44, 47:54] / 100)


def test_every_pixel_has_a_daisy_and_inside_it_is_scikit_images(photographs):
    light = lightness(photographs["chelsea"][60:220, 100:270]) / 100
    ours = describe(light, 15)
    assert ours.shape == (160, 170, 32)
    theirs = daisy(light, step=1, radius=15, rings=1, histograms=3, orientations=8)
    # Nearer to the border scikit-image's own continuation of the picture shows in its Gaussians.
    inner = slice(35, -35)
    assert abs(ours[15:-15, 15:-15][inner, inner] - theirs[inner, inner]).max() < 1e-4
    assert abs(ours.sum(2) - 1).max() < 1e-4


def test_the_semantic_figures_are_components_of_the_encoders_maps(chelsea):
    torch.manual_seed(0)
    semantic = EncoderSemantics()
    batches = [torch.cat((chelsea, chelsea.flip(3))), chelsea.flip(2).contiguous()]
    for module in semantic.modules():  # random weights need statistics of their own
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    semantic.maps(batches[0])
    semantic.eval()
    kept = semantic.fit(batches)
    assert 0.5 < kept <= 1.001
    features = semantic(chelsea)
    assert features.shape == (1, 50, 96, 120)
    # Of those it was fitted on: mean 0, deviation 1, and nothing of one in another.
    joined = torch.cat([semantic.joined(batch) for batch in batches]).double()
    fitted = joined @ semantic.projection.double().T + semantic.offset.double()
    assert fitted.mean(0).abs().max() < 1e-2
    assert (torch.cov(fitted.T)[:10, :10] - torch.eye(10)).abs().max() < 1e-2


@pytest.mark.parametrize("size", [(8, 8), (40, 72)])
def test_all_sizes_have_finite_colours(size):
    torch.manual_seed(0)
    model = build({"architecture": {"variant": "B", "hidden": [8, 8, 8]}}).eval()
    ab = predict(model, {}, torch.rand(1, 1, *size) * 100, None).value
    assert ab.shape == (2, *size)
    assert torch.isfinite(ab).all()


def test_the_guided_filter_keeps_edges_and_smooths_noise():
    torch.manual_seed(0)
    light = torch.zeros(1, 1, 32, 32)
    light[..., 16:] = 60
    clean = torch.where(light > 0, 0.2, -0.2).expand(1, 2, -1, -1)
    noisy = clean + 0.05 * torch.randn(1, 2, 32, 32)
    smooth = guided(light, noisy, 4, 16.0)
    assert (smooth - clean).abs().mean() < 0.4 * (noisy - clean).abs().mean()


def test_labels_are_one_of_fifty_or_none():
    chosen = LabelSemantics()(torch.tensor([[[0, 49], [50, NO_LABEL]]], dtype=torch.uint8))
    assert chosen.shape == (1, 50, 2, 2)
    assert chosen[0, :, 0].argmax(0).tolist() == [0, 49]
    assert chosen.sum(1).tolist() == [[[1, 1], [0, 0]]]


def test_variant_c_needs_labels_and_says_so(chelsea):
    model = DeepColorization("C", hidden=(8, 8, 8))
    with pytest.raises(ValueError, match="label map"):
        predict(model, {}, chelsea, None)
    labels = torch.zeros(1, 96, 120, dtype=torch.uint8)
    assert model.colours(chelsea, labels).shape == (1, 2, 96, 120)
    with pytest.raises(ValueError, match="no variant"):
        DeepColorization("D")


def test_a_segmentation_network_can_be_named(chelsea):
    pytest.importorskip("train.evaluation.torchvision_import")
    model = DeepColorization("B", (8, 8, 8), semantics="lraspp_mobilenet_v3_large").eval()
    assert model.features(chelsea).shape[-1] == 131
    with pytest.raises(ValueError, match="cannot be had"):
        DeepColorization("B", semantics="no_such_network")


@pytest.fixture(scope="module", params=["ade20k", "voc"])
def labelled(request, tmp_path_factory, photographs):
    """Four photographs with label maps: the upper half is one class, the lower another."""
    root = tmp_path_factory.mktemp(request.param)
    ade = request.param == "ade20k"
    photos = root / ("images/training" if ade else "JPEGImages")
    maps = root / ("annotations/training" if ade else "SegmentationClass")
    photos.mkdir(parents=True)
    maps.mkdir(parents=True)
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        Image.fromarray(photographs[name]).resize((96, 72)).save(photos / f"{name}.jpg")
        labels = np.full((72, 96), 3, np.uint8)
        labels[36:] = 50 if ade else 20
        labels[:2, :2] = 51 if ade else 255  # a rarer class; a border
        image = Image.fromarray(labels)
        if not ade:
            image = image.convert("P")
            image.putdata(labels.flatten().tolist())
        image.save(maps / f"{name}.png")
    Image.fromarray(photographs["camera"]).save(photos / "unlabelled.jpg")
    return root


def test_both_layouts_are_read(labelled):
    pairs = find_pairs(labelled)
    assert len(pairs) == 4
    pixels, labels = read_pair(pairs[0], 72)
    assert pixels.shape == (72, 72, 3)
    ade = "ade" in str(labelled)
    assert labels[10, 30] == (2 if ade else 3)
    assert labels[60, 30] == (49 if ade else 20)
    data = Labelled([str(labelled)], 64)
    rgb, drawn = data.batch(3, 2, seed=1)
    assert rgb.shape == (2, 3, 64, 64)
    again = data.batch(3, 2, seed=1)
    assert torch.equal(rgb, again[0])
    assert torch.equal(drawn, again[1])
    assert set(drawn.unique().tolist()) <= {2, 3, 20, 49, NO_LABEL}


def test_a_folder_without_label_maps_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="no photographs with label maps") as caught:
        find_pairs(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_variant_c_is_trained_on_label_maps(labelled, tmp_path):
    import csv

    from train import deep_colorization

    how = ["--variant", "C", "--photos", str(labelled), "--validation", str(labelled)]
    how += ["--output", str(tmp_path), "--size", "64", "--batch-size", "2", "--pixels", "128"]
    how += ["--steps", "20", "--evaluate-every", "10", "--warmup", "2", "--precision", "no"]
    deep_colorization.main(how)
    rows = list(csv.DictReader((tmp_path / "curves.csv").open()))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert np.isfinite(float(rows[-1]["val_auc"]))
