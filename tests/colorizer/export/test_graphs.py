"""Exported graphs against PyTorch, by ONNX Runtime on real photographs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import onnx
import onnxruntime
import pytest
import skimage.data
import torch
from PIL import Image

import colorizer
from colorizer import checkpoints
from colorizer.export import ExportError, export, exportable
from tests.support.exported import Exported

pytestmark = pytest.mark.slow  # exports take seconds each

KEYS = [a.key for a in exportable() if (checkpoints.CHECKPOINTS / a.key).is_dir()]
# (photograph, every how many pixels): landscape, square, and a strip.
SHAPES = {
    "landscape": lambda: skimage.data.coffee()[::2, ::2],
    "square": lambda: skimage.data.astronaut()[::2, ::2],
    "strip": lambda: skimage.data.rocket()[200:280, ::2],
}
# Setting → the photograph it is tried on, and its knobs; each photograph has two.
SETTINGS = {
    "best": ("landscape", {}),
    "knobs": ("strip", {"temperature": 0.38, "top_k": 5, "vividness": 1.0, "strength": 1.3}),
    "sample": ("landscape", {"seed": 3}),
    "vivid": ("square", {"look": "vivid", "white_balance": 0.7}),
    "hand-tinted": ("square", {"look": "hand-tinted", "saturation": 0.8}),
    "daring": (
        "strip",
        {"seed": 2**31 + 7, "temperature": 1.0, "top_k": 60, "vividness": 0.2},
    ),
}


@pytest.fixture(scope="module", params=KEYS)
def pair(request, tmp_path_factory):
    """An approach in PyTorch, and exported."""
    folder = tmp_path_factory.mktemp("exported")
    export(request.param, folder)
    return colorizer.load(request.param), Exported(folder)


@pytest.fixture(scope="module")
def default_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("int8")
    export(KEYS[0], folder, int8=True)
    return folder


def test_the_network_gives_the_same_logits(pair):
    ours, exported = pair
    for shape in SHAPES.values():
        analysis = ours.analyze(shape())
        prediction = analysis.prediction
        expected = getattr(prediction, "logits", None)
        expected = prediction.value[None] if expected is None else expected
        given = exported.look(analysis.photo.values, analysis.working.shape)["output"]
        assert given.shape == tuple(expected.shape)
        assert np.abs(given - expected.numpy()).max() < 1e-3


@pytest.mark.parametrize(("shape", "setting"), SETTINGS.values(), ids=SETTINGS)
def test_pixels_are_those_of_the_python_pipeline(pair, shape, setting):
    ours, exported = pair
    known = {knob["name"] for knob in exported.about["knobs"]} | {"seed", "look"}
    setting = {name: value for name, value in setting.items() if name in known}
    if not ours.approach.samples:
        setting.pop("seed", None)
    analysis = ours.analyze(SHAPES[shape]())
    expected = np.asarray(analysis.colorize(**setting)).astype(int)
    given = exported.colorize(analysis.photo.values, analysis.working.shape, **setting)
    assert (np.abs(given - expected).max(-1) <= 1).mean() >= 0.999


def test_a_print_with_a_paper_border_stays_neutral_there(pair):
    ours, exported = pair
    page = np.full((260, 340), 235, np.uint8)
    page[30:230, 20:320] = skimage.data.coffee()[::2, ::2].mean(-1)
    analysis = ours.analyze(page)
    given = exported.colorize(analysis.photo.values, analysis.working.shape).astype(int)
    expected = np.asarray(analysis.colorize()).astype(int)
    assert np.ptp(given[:12], -1).max() <= 1
    assert (np.abs(given - expected).max(-1) <= 1).mean() >= 0.999


def test_one_pixel_is_coloured(pair):
    ours, exported = pair
    analysis = ours.analyze(np.full((1, 1), 120, np.uint8))
    given = exported.colorize(analysis.photo.values, analysis.working.shape).astype(int)
    assert np.abs(given - np.asarray(analysis.colorize()).astype(int)).max() <= 1


def test_a_large_photograph_is_seen_as_by_the_python_pipeline(pair):
    """Its bytes are averaged before they become lightness; the product averages lightness."""
    ours, exported = pair
    large = np.asarray(Image.fromarray(skimage.data.coffee()).resize((1500, 1000)))
    for photograph in (large, large[..., 1]):
        analysis = ours.analyze(photograph)
        seen = exported.look(photograph, analysis.working.shape)
        assert np.abs(seen["lightness"][0, 0] - analysis.working).max() < 0.5
        given = exported.colorize(photograph, analysis.working.shape).astype(int)
        expected = np.asarray(analysis.colorize()).astype(int)
        assert (np.abs(given - expected).max(-1) <= 1).mean() >= 0.99


@pytest.mark.parametrize(
    "margins", [(30, 30, 20, 20), (4, 4, 4, 4), (30, 30, 20, 0), (110, 110, 9, 9)]
)
def test_the_paper_border_is_that_of_the_python_pipeline(margins):
    """Also a border that is none: too thin, or missing on a side."""
    from colorizer.export.graph import FLOAT, Graph
    from colorizer.export.lightness import paper_border as border_graph
    from colorizer.images.border import paper_border

    top, bottom, left, right = margins
    photograph = skimage.data.coffee().mean(-1).astype(np.float32) / 2.55
    page = np.pad(photograph[::2, ::2], ((top, bottom), (left, right)), constant_values=92.0)
    page += np.random.default_rng(0).normal(0, 0.5, page.shape).astype(np.float32)
    graph = Graph("border")
    light = graph.input("light", FLOAT, ("h", "w"))
    graph.output("border", border_graph(graph, light), FLOAT, ("h", "w"))
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    for light in (page, page.T, photograph, np.full((40, 50), 92.0, np.float32)):
        expected = paper_border(light)
        given = session.run(None, {"light": np.ascontiguousarray(light)})[0]
        assert np.array_equal(given, np.zeros(light.shape) if expected is None else expected)


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Those of a graph and of the branches in it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from nodes(attribute.g)


def test_only_operators_that_browsers_are_fast_at(default_folder):
    slow = {"ConvTranspose", "Einsum", "GridSample", "Loop", "Scan", "NonZero", "ScatterND"}
    paths = sorted(default_folder.glob("*.onnx"))
    assert [path.stem for path in paths] == ["network", "render"]
    for path in paths:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        kinds = [node.op_type for node in nodes(model.graph)]
        assert not slow & set(kinds)
        # Decoding once for all bands, and noise for samples alone: two conditions, two branches each.
        assert kinds.count("If") == (2 if path.stem == "render" else 0)
        assert {o.domain for o in model.opset_import} <= {"", "ai.onnx"}
        assert not any(node.doc_string or node.metadata_props for node in model.graph.node)


def test_int8_halves_the_file_and_nearly_keeps_the_answer(default_folder, tmp_path):
    """Its cost over many photographs is in the model card."""
    small = Exported(default_folder)
    assert small.about["weights"]["precision"] == "int8"
    ours = colorizer.load(KEYS[0])
    stored = (checkpoints.find(KEYS[0]) / checkpoints.WEIGHTS).stat().st_size
    assert small.about["files"]["network"]["bytes"] < 0.62 * stored
    analysis = ours.analyze(skimage.data.astronaut()[::2, ::2])
    expected = np.asarray(analysis.colorize()).astype(int)
    given = small.colorize(analysis.photo.values, analysis.working.shape)
    assert np.abs(given - expected).mean() < 1

    export(KEYS[0], tmp_path, format="checkpoint", int8=True)
    same = colorizer.load(str(tmp_path)).analyze(skimage.data.astronaut()[::2, ::2])
    assert (np.abs(np.asarray(same.colorize()).astype(int) - given).max(-1) <= 1).mean() >= 0.999


def test_the_description_names_what_a_page_needs(default_folder):
    about = json.loads((default_folder / "colorizer.json").read_text())
    for file in about["files"].values():
        data = (default_folder / file["name"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
    weights = checkpoints.find(KEYS[0]) / checkpoints.WEIGHTS
    assert about["weights"]["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert len(about["bins"]) == 313
    assert about["looks"][0]["key"] == "natural"
    assert about["knobs"][0]["name"] == "temperature"
    assert about["size"]["multiple_of"] == 32
    assert set(about["licence"]) == {"code", "weights"}


def test_what_cannot_be_exported_is_refused_by_name(call, tmp_path):
    with pytest.raises(ExportError, match="PixColor cannot be exported; these can: "):
        export("pixcolor", tmp_path)
    done = call("export", "--approach", "wgan-gp", "-o", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert "WGAN-GP cannot be exported" in done.stderr
    assert not list(tmp_path.iterdir())
    done = call("export", "--approach", "nothing", "-o", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert "no approach called 'nothing'" in done.stderr


def test_shuffled_convolutions_are_transposed_ones():
    from colorizer.export.network import without_transposed

    layer = torch.nn.Sequential(torch.nn.ConvTranspose2d(5, 7, 4, 2, 1))
    x = torch.randn(1, 5, 6, 9)
    with torch.inference_mode():
        assert torch.allclose(without_transposed(layer)(x), layer(x), atol=1e-5)
