"""The training scripts of `pixcolor` and `deep-colorization`."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from skimage import data

import colorizer
from colorizer import checkpoints
from colorizer.models.encoders import mobilenet
from colorizer.models.pixelcnn.network import from_levels, to_levels
from tests.support.training import in_two_processes, options, train
from train.engine.best import keep_best
from train.evaluation import diversity
from train.pixcolor import disturbed, grid_of, level_prior
from train.publish import card, contact_sheet

SMALL = ("--features", "16", "--layers", "2")


def curve(output, metric: str) -> list[float]:
    return [float(row[metric]) for row in csv.DictReader((output / "curves.csv").open())]


@pytest.fixture(scope="module")
def first_stage(halves_zip, tmp_path_factory):
    """A first stage of twenty steps on the encoder's random weights."""
    output = tmp_path_factory.mktemp("runs") / "first"
    torch.manual_seed(5)
    given = {f"features.{k}": v for k, v in mobilenet.features().state_dict().items()}
    save_file(given, output.parent / "encoder.safetensors")
    how = ("--stage", "pixelcnn", *SMALL, "--encoder", str(output.parent / "encoder.safetensors"))
    how += ("--validation", str(halves_zip), "--validation-limit", "4", "--encoder-rate", "0")
    how += ("--evaluate-every", "10", "--steps", "20", "--resume")
    train("pixcolor", options(halves_zip, output, *how))
    return output


@pytest.mark.training
def test_the_first_stage_learns_and_keeps_the_best(first_stage):
    bits = curve(first_stage, "train_bits")
    assert bits[-1] < bits[0] < 5
    found = curve(first_stage, "val_bits")
    best = json.loads((first_stage / "best" / "config.json").read_text())
    assert best["val_bits"] == pytest.approx(min(found), abs=1e-3)
    assert (first_stage / "grid-000020.png").exists()


@pytest.mark.training
def test_a_first_start_with_resume_has_the_encoder(first_stage):
    """As for every script: --resume may find nothing, and then this is a first start."""
    _, state = checkpoints.load_weights(first_stage)
    torch.manual_seed(5)
    key = "17.conv.1.0.weight"
    given = mobilenet.features().state_dict()[key]
    ours = state[f"conditioning.encoder.layers.{key}"]
    torch.testing.assert_close(ours, given, atol=1e-3, rtol=1e-3)  # frozen by --encoder-rate 0


@pytest.mark.training
def test_the_refinement_learns_alone_from_the_first_stage(first_stage, halves_zip, tmp_path):
    output = tmp_path / "second"
    how = ("--stage", "refinement", "--init-from", str(first_stage / "best"), "--jitter", "0")
    how += ("--validation", str(halves_zip), "--validation-limit", "4")
    train("pixcolor", options(halves_zip, output, *how, "--evaluate-every", "10", "--steps", "20"))
    levels = curve(output, "train_levels")
    assert levels[-1] < levels[0]
    (before, old), (after, new) = (
        checkpoints.load_weights(f) for f in (first_stage / "best", output / "best")
    )
    assert after["architecture"] == before["architecture"]
    assert [c["stage"] for c in after["training"]] == ["pixelcnn", "refinement"]
    for key, value in old.items():
        same = torch.equal(value, new[key])
        assert same or key.startswith("refinement."), key
    model = colorizer.load(str(output / "best"))
    assert model.colorize(data.rocket()[::4, ::4]).size == (160, 107)


@pytest.mark.training
def test_the_refinement_does_not_start_from_nothing(halves_zip, tmp_path):
    how = ("--stage", "refinement", "--steps", "1", "--resume")
    with pytest.raises(SystemExit, match="--init-from"):
        train("pixcolor", options(halves_zip, tmp_path / "run", *how))


@pytest.mark.training
@pytest.mark.parametrize("variant", ["A", "B"])
def test_deep_colorization_learns(halves_zip, tmp_path, variant):
    output = tmp_path / "run"
    how = ("--variant", variant, "--pixels", "128", "--evaluate-every", "5", "--steps", "20")
    how += ("--validation", str(halves_zip), "--validation-limit", "2")
    train("deep_colorization", options(halves_zip, output, *how))
    losses = curve(output, "loss")
    assert min(losses[2:]) < losses[0]
    model = colorizer.load(str(output / "best"))
    assert model.approach.key == f"deep-colorization{'-plain' if variant == 'A' else ''}"
    assert model.colorize(data.rocket()[::4, ::4]).size == (160, 107)
    assert model.model.input_std.min() > 0


@pytest.mark.training
def test_deep_colorization_resumes_exactly(halves_zip, tmp_path):
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    how = ("--variant", "A", "--pixels", "64")
    train("deep_colorization", options(halves_zip, straight, "--steps", "4", *how))
    train("deep_colorization", options(halves_zip, broken, "--steps", "2", *how))
    train("deep_colorization", options(halves_zip, broken, "--steps", "4", "--resume", *how))
    one, two = (torch.load(f / "state.pt", weights_only=True) for f in (straight, broken))
    for key, value in one["models"]["model"].items():
        assert torch.equal(value, two["models"]["model"][key]), key


@pytest.mark.training
def test_deep_colorization_goes_on_with_the_network_it_began_with(halves_zip, tmp_path):
    output = tmp_path / "run"
    encoder = checkpoints.CHECKPOINTS / "efficient" / "model.safetensors"
    how = ("--variant", "B", "--pixels", "64")
    begun = (*how, "--encoder", str(encoder), "--steps", "1")
    train("deep_colorization", options(halves_zip, output, *begun))
    train("deep_colorization", options(halves_zip, output, "--steps", "2", "--resume", *how))
    config, _ = checkpoints.load_weights(output)
    assert (config["steps"], config["architecture"]["semantics"]) == (2, "efficientnet")
    plain = str(checkpoints.CHECKPOINTS / "deep-colorization-plain")
    with pytest.raises(SystemExit, match="of another network"):
        train("deep_colorization", options(halves_zip, output, "--init-from", plain, *how))


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "how"),
    [("pixcolor", ("--stage", "pixelcnn", *SMALL)), ("deep_colorization", ("--variant", "B"))],
)
def test_two_processes_train_together(halves_zip, tmp_path, script, how):
    output = tmp_path / "run"
    done = in_two_processes(script, options(halves_zip, output, "--steps", "2", *how))
    assert done.returncode == 0, done.stderr[-2000:]
    assert torch.load(output / "state.pt", weights_only=True)["photographs"] == 2 * 2 * 4


def test_the_prior_and_the_disturbance_of_levels():
    pixels = np.full((3, 16, 16, 3), 120, np.uint8)
    prior = level_prior(pixels)
    assert prior.shape == (2, 32)
    assert prior.sum(1).tolist() == pytest.approx([1, 1])
    assert prior[:, 16].min() > 0.9
    levels = torch.full((4, 2, 20, 20), 16)
    rng = torch.Generator().manual_seed(0)
    assert torch.equal(disturbed(levels, 0.0, rng), from_levels(levels))
    moved = to_levels(disturbed(levels, 0.1, rng)) - levels
    assert moved.abs().max() == 1
    assert 0.05 < (moved != 0).float().mean() < 0.15
    assert grid_of(torch.zeros(1, 2, 128, 128)).shape == (1, 2, 16, 16)


def test_the_best_weights_are_kept(tmp_path):
    for value, kept in ((3.0, True), (4.0, False), (2.0, True)):
        checkpoints.save_weights(tmp_path, {"metric": value}, {"x": torch.tensor([value])})
        assert keep_best(tmp_path, "metric") is kept
    assert checkpoints.load_weights(tmp_path / "best")[1]["x"].item() == 2


def test_a_sheet_of_samples(mobile, coffee):
    row = contact_sheet.strip([mobile], Image.fromarray(coffee), 60, samples=3)
    assert row.size == (5 * 90 + 4 * contact_sheet.GAP, 60)


def test_diversity_is_measured_beside_a_control_as_far_apart(mobile, coffee):
    photos = np.stack([coffee[:96, 40:136], coffee[60:156, 100:196]])
    table = diversity.measure({"mobile": mobile}, photos, counts=(1, 3))
    titles = [key.title for key in table]
    assert titles == ["mobile, best of 1", "mobile, best of 3", "mobile, best of 3: control"]
    one, three, control = table.values()
    assert one["pairwise_distance"] == 0
    assert three["psnr"] >= one["psnr"]
    assert three["best_of_n_error"] <= one["best_of_n_error"]
    assert control["pairwise_distance"] == pytest.approx(three["pairwise_distance"], rel=1e-3)
    text = card.quality({"diversity": {"about": {"photographs": 2, "size": 96, "working_size": {}},
                                       "rows": table}})  # fmt: skip
    assert "pairwise ab distance" in text
    assert "rebalanced" not in text


def test_a_card_tells_both_stages_and_shows_the_sheet(tmp_path):
    segment = {"first_step": 0, "steps": 5, "hours": 0.1, "size": 80, "batch_size": 4, "lr": 0.001}
    segment |= {"extra_share": 0.15, "cooldown": 0, "hardware": "2 CPU cores"}
    config = {
        "approach": "pixcolor",
        "architecture": {"encoder": "mobilenet"},
        "photographs": 40,
        "notes": ["Likelihood of validation photographs: 1.500 bits."],
        "training": [segment | {"stage": s} for s in ("pixelcnn", "refinement")],
    }
    checkpoints.save_weights(tmp_path, config, {"x": torch.zeros(1)})
    (tmp_path / "samples.jpg").write_bytes(b"")
    assert "val_bits" not in card.card(tmp_path)
    curves = "step,photographs,seconds,train_bits,val_bits\n5,1200,3,1.25,1.5\n9,2400,6,1.125,\n"
    (tmp_path / "curves.csv").write_text(curves)
    text = card.card(tmp_path)
    assert "| 1,200 | 1.25 | 1.5 |\n| 2,400 | 1.125 | – |" in text
    # The second stage began with weights alone; its steps are counted on all the same.
    stages = ("| pixelcnn | 0 | 5 |", "| refinement | 5 | 5 |")
    for part in ("1.500 bits", *stages, "(samples.jpg)", "MobileNetV2"):
        assert part in text


def test_samples_of_one_approach_twice_are_refused(photo_file, tmp_path):
    folder = photo_file("photos/coffee.png", "coffee", grey=False).parent
    both = ["mobile", str(checkpoints.CHECKPOINTS / "mobile")]
    with pytest.raises(SystemExit, match="the same approach"):
        diversity.main(
            ["--photos", str(folder), "--size", "32", "--cache", str(tmp_path), "--approach", *both]
        )
