"""The training scripts: each learns, stops and resumes exactly, alone and in two processes."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

import colorizer
from colorizer import checkpoints
from colorizer.models.efficient import Efficient
from tests.support.training import in_two_processes, options, train
from train.engine import losses
from train.engine.curves import add_row

# (script, options): every kind of training there is, and the loss that has to fall.
TRAININGS = (
    ("reconstruction", ("--target", "lab"), "loss"),
    ("reconstruction", ("--target", "rgb"), "loss"),
    ("classification", (), "loss"),
    ("colorful", ("--loss", "l2"), "loss"),
    ("colorful", ("--loss", "cross-entropy"), "loss"),
    ("colorful", ("--loss", "rebalanced"), "loss"),
    ("pix2pix", ("--stage", "supervised"), "l1"),
    ("pix2pix", ("--stage", "adversarial"), "discriminator"),
    ("wgan_gp", ("--stage", "supervised"), "l1"),
    ("wgan_gp", ("--stage", "adversarial", "--n-critic", "2"), "penalty"),
    (
        "distribution_gan",
        ("--init-from", str(checkpoints.CHECKPOINTS / "mobile"), "--adversary", "discriminator"),
        "discriminator",
    ),
    ("distribution_gan", ("--init-from", str(checkpoints.CHECKPOINTS / "efficient")), "penalty"),
)


@pytest.mark.training
@pytest.mark.parametrize(("script", "how", "loss"), TRAININGS, ids=lambda v: str(v))
def test_twenty_steps_over_eight_photographs_lower_the_loss(
    halves_zip, tmp_path, script, how, loss
):
    output = tmp_path / "run"
    train(script, options(halves_zip, output, "--steps", "20", "--evaluate-every", "5", *how))
    rows = list(csv.DictReader((output / "curves.csv").open()))
    assert [row["step"] for row in rows] == ["5", "10", "15", "20"]
    assert min(float(row[loss]) for row in rows[2:]) < float(rows[0][loss])
    model = colorizer.load(str(output))
    assert model.colorize(data.rocket()[::4, ::4]).size == (160, 107)
    segments = model.config["training"]
    assert segments[-1]["script"] == script
    assert segments[-1]["steps"] == 20
    seen = sum(c["steps"] * c["batch_size"] for c in segments)
    assert model.config["photographs"] == seen


@pytest.mark.training
@pytest.mark.parametrize("script", ["pix2pix", "wgan_gp"])
def test_a_gan_resumes_exactly_with_both_its_networks(halves_zip, tmp_path, script):
    how = ("--stage", "adversarial", *(("--n-critic", "2") if script == "wgan_gp" else ()))
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    train(script, options(halves_zip, straight, "--steps", "4", *how))
    train(script, options(halves_zip, broken, "--steps", "1", *how))
    train(script, options(halves_zip, broken, "--steps", "4", "--resume", *how))
    one, two = (torch.load(f / "state.pt", weights_only=True) for f in (straight, broken))
    assert one["step"] == two["step"] == 4
    assert len(one["models"]) == 2
    for part in ("models", "ema"):
        for name, state in one[part].items():
            for key, value in state.items():
                assert torch.equal(value, two[part][name][key]), (part, name, key)


@pytest.mark.training
def test_the_second_stage_remembers_the_first(halves_zip, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    train("pix2pix", options(halves_zip, first, "--stage", "supervised", "--steps", "3"))
    how = ("--stage", "adversarial", "--init-from", str(first))
    train("pix2pix", options(halves_zip, second, "--steps", "1", *how))
    train("pix2pix", options(halves_zip, second, "--steps", "2", "--resume", *how))
    config, _ = checkpoints.load_weights(second)
    assert config["photographs"] == 5 * 4
    assert [c["stage"] for c in config["training"]] == ["supervised", *["adversarial"] * 2]
    assert [c["steps"] for c in config["training"]] == [3, 1, 1]


@pytest.mark.training
@pytest.mark.parametrize("script", ["pix2pix", "wgan_gp"])
def test_an_adversary_can_learn_alone_first(halves_zip, tmp_path, script):
    how = ("--stage", "adversarial", *(("--n-critic", "1") if script == "wgan_gp" else ()))
    how += ("--adversary-first", "2", "--generator-rate", "0.5")
    adversary = {"pix2pix": "discriminator", "wgan_gp": "critic"}[script]
    parameters = {}
    for steps in ("1", "2", "3"):
        output = tmp_path / "run"
        train(script, options(halves_zip, output, "--steps", steps, "--resume", *how))
        state = torch.load(output / "state.pt", weights_only=True)["models"]
        parameters[steps] = [
            torch.cat([v.flatten() for k, v in state[name].items() if k.endswith("weight")])
            for name in ("generator", adversary)
        ]
    (made, judged), (made_two, judged_two), (made_three, _) = parameters.values()
    assert torch.equal(made, made_two)
    assert not torch.equal(judged, judged_two)
    assert not torch.equal(made_two, made_three)


@pytest.mark.training
def test_weights_that_are_gone_on_with_bring_their_design(halves_zip, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    how = ("--stage", "supervised", "--architecture", "efficientnet", "--steps", "1")
    train("pix2pix", options(halves_zip, first, *how))
    how = ("--stage", "adversarial", "--steps")
    train("pix2pix", options(halves_zip, second, *how, "1", "--init-from", str(first)))
    train("pix2pix", options(halves_zip, second, *how, "2", "--resume"))
    config, _ = checkpoints.load_weights(second)
    assert config["architecture"] == {"encoder": "efficientnet"}
    assert config["steps"] == 2


@pytest.mark.training
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--init-from", "nowhere"), "nowhere"),
        (
            ("--init-from", str(checkpoints.CHECKPOINTS / "pix2pix"), "--architecture", "unet"),
            "of another network",
        ),
        (("--size", "80"), "multiple of 32 for this network, not 80"),
    ],
)
def test_a_network_that_cannot_be_is_one_sentence_before_photographs_are_read(tmp_path, more, said):
    how = ("--stage", "supervised", "--steps", "1", *more)
    with pytest.raises(SystemExit, match=said) as refused:
        train("pix2pix", options(tmp_path / "not-there.zip", tmp_path / "run", *how))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("script", "how", "stride"),
    [
        ("efficient", (), 32),
        ("colorful", (), 32),
        ("reconstruction", ("--target", "lab"), 16),
        ("pixcolor", ("--stage", "pixelcnn"), 8),
        ("deep_colorization", ("--variant", "A"), 8),
        ("distribution_gan", ("--init-from", str(checkpoints.CHECKPOINTS / "mobile")), 32),
    ],
)
def test_a_size_that_no_network_takes_is_said_before_photographs_are_read(
    tmp_path, script, how, stride
):
    more = (*how, "--steps", "1", "--size", "100")
    with pytest.raises(SystemExit, match=f"multiple of {stride} for this network, not 100"):
        train(script, options(tmp_path / "not-there.zip", tmp_path / "run", *more))


@pytest.mark.training
def test_figures_and_a_grid_are_made_of_validation_photographs(halves_zip, tmp_path):
    output = tmp_path / "run"
    more = ("--validation", str(halves_zip), "--validation-limit", "4", "--n-critic", "1")
    how = ("--stage", "adversarial", "--steps", "2", *more)
    train("wgan_gp", options(halves_zip, output, *how))
    (row,) = csv.DictReader((output / "curves.csv").open())
    for metric in ("val_psnr", "val_color", "val_auc", "val_rebalanced", "sample_auc"):
        assert np.isfinite(float(row[metric]))
    assert float(row["diversity"]) > 0
    # Grey, no noise, three seeds, the original; the aged input and its result.
    assert Image.open(output / "grid-000002.png").size == (8 * 128, 8 * 128)


@pytest.mark.training
def test_a_validation_sees_photographs_as_large_as_in_use(halves_zip, tmp_path, monkeypatch):
    seen, forward = set(), Efficient.forward

    def spy(network, lightness, *hints):
        seen.add((network.training, *lightness.shape[-2:]))
        return forward(network, lightness, *hints)

    monkeypatch.setattr(Efficient, "forward", spy)
    output = tmp_path / "run"
    more = ("--steps", "2", "--validation", str(halves_zip), "--validation-limit", "2")
    train("efficient", options(halves_zip, output, *more))
    assert seen == {(True, 64, 64), (False, 192, 192)}
    assert colorizer.load(str(output)).working_size == 192


@pytest.mark.training
def test_an_estimate_says_hours_and_writes_nothing(halves_zip, tmp_path, capsys):
    output = tmp_path / "run"
    how = ("--target", "lab", "--steps", "1000", "--estimate")
    train("reconstruction", options(halves_zip, output, *how))
    said = capsys.readouterr().out
    assert "1,000 steps, 4,000 photographs, would take" in said
    assert not output.exists()


@pytest.mark.process
@pytest.mark.parametrize("script", ["colorful", "pix2pix"])
def test_two_processes_train_together(halves_zip, tmp_path, script):
    output = tmp_path / "run"
    more = ("--stage", "adversarial") if script == "pix2pix" else ()
    done = in_two_processes(script, options(halves_zip, output, "--steps", "2", *more))
    assert done.returncode == 0, done.stderr[-2000:]
    state = torch.load(output / "state.pt", weights_only=True)
    assert state["photographs"] == 2 * 2 * 4


@pytest.mark.process
def test_two_processes_end_together_when_the_time_is_spent(halves_zip, tmp_path):
    """Each has its own clock: the first to see the end must not leave the other waiting."""
    output = tmp_path / "run"
    how = ("--target", "lab", "--time-budget", "2s")
    done = in_two_processes("reconstruction", options(halves_zip, output, *how))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr.count("time budget spent") == 1
    assert torch.load(output / "state.pt", weights_only=True)["step"] > 0


@pytest.mark.training
def test_missing_photographs_are_one_sentence(tmp_path):
    argv = options(tmp_path / "nowhere.zip", tmp_path / "run", "--target", "lab")
    with pytest.raises(SystemExit, match=r"no such folder") as caught:
        train("reconstruction", argv)
    assert "\n" not in str(caught.value)


def test_gradient_penalty_is_zero_for_a_slope_of_one():
    real, made = torch.rand(4, 3, 8, 8), torch.rand(4, 3, 8, 8)
    direction = torch.randn(3, 8, 8)
    direction /= direction.norm()
    rng = torch.Generator().manual_seed(0)
    one = losses.gradient_penalty(lambda x: (x * direction).sum((1, 2, 3)), real, made, rng)
    two = losses.gradient_penalty(lambda x: (3 * x * direction).sum((1, 2, 3)), real, made, rng)
    assert one.item() == pytest.approx(0, abs=1e-6)
    assert two.item() == pytest.approx(4, abs=1e-4)


def test_mode_seeking_asks_for_different_pictures():
    noises = torch.randn(2, 4, 8, 4, 4).unbind()
    same = torch.rand(4, 2, 8, 8)
    assert losses.mode_seeking(same, same, *noises) > losses.mode_seeking(same, 1 - same, *noises)


def test_curves_take_new_columns(tmp_path):
    path = tmp_path / "curves.csv"
    for row in ({"step": 1, "loss": 2}, {"step": 2, "loss": 1}, {"step": 3, "critic": 5}):
        add_row(path, row)
    rows = list(csv.DictReader(path.open()))
    assert [r["loss"] for r in rows] == ["2", "1", ""]
    assert [r["critic"] for r in rows] == ["", "", "5"]
