"""Variants of Deep Colorization on photographs with label maps."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from colorizer import checkpoints
from colorizer.models.deep_colorization import DeepColorization
from train.data.labels import Labelled
from train.evaluation import labelled
from train.evaluation.collect import Evaluation
from train.evaluation.results import GREY, GROUND_TRUTH, load

pytestmark = pytest.mark.training

SHIPPED = checkpoints.CHECKPOINTS / "deep-colorization-plain"


@pytest.fixture
def folder(tmp_path):
    """Two photographs laid out like ADE20K, with the dark and the light as their things."""
    for name in ("coffee", "chelsea"):
        image = Image.fromarray(getattr(skimage.data, name)()).resize((64, 64))
        labels = np.where(np.asarray(image.convert("L")) < 100, 1, 2).astype(np.uint8)
        for kind, picture, ending in (("images", image, "jpg"), ("annotations", labels, "png")):
            (tmp_path / "set" / kind).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(picture) if kind == "annotations" else picture
            picture.save(tmp_path / "set" / kind / f"{name}.{ending}")
    return tmp_path / "set"


def test_only_variant_c_depends_on_the_labels(folder):
    torch.manual_seed(0)
    models = {v: DeepColorization(variant=v, hidden=(16, 16, 16)).eval() for v in ("A", "C")}
    data = Labelled([str(folder)], 64)

    def psnr() -> list[float]:
        rows = labelled.measure(models, data, Evaluation(np.full(313, 1 / 313)))
        assert rows[GROUND_TRUTH]["auc_raw"] == 100
        assert rows[GREY]["colorfulness_share"] < 0.05
        return [rows[labelled.row_key(v)]["psnr"] for v in ("A", "C")]

    before = psnr()
    data.labels[:] = 3
    after = psnr()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_rows_are_kept_with_the_checkpoint(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    (tmp_path / labelled.OWNER).mkdir()
    np.save(tmp_path / "prior.npy", np.full(313, 1 / 313))
    command = ["--photos", str(folder), "--weights", str(SHIPPED), "--size", "64"]
    labelled.main([*command, "--prior", str(tmp_path / "prior.npy"), "--record", "two"])
    found = load(tmp_path / labelled.OWNER)["two"]
    assert found["about"]["photographs"] == 2
    # It was trained: nearer to the truth than grey.
    assert found["rows"][labelled.row_key("A")]["psnr"] > found["rows"][GREY]["psnr"]
    assert "variant A" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (["nowhere"], "nowhere"),
        ([str(checkpoints.CHECKPOINTS / "colorful")], "holds no variant of Deep Colorization"),
        ([str(SHIPPED), str(SHIPPED)], "the same variant"),
    ],
)
def test_weights_that_cannot_be_used_are_one_sentence(folder, tmp_path, weights, sentence):
    np.save(tmp_path / "prior.npy", np.full(313, 1 / 313))
    command = ["--photos", str(folder), "--prior", str(tmp_path / "prior.npy")]
    with pytest.raises(SystemExit, match=sentence):
        labelled.main([*command, "--weights", *weights])
