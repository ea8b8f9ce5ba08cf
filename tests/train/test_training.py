"""Training on a handful of real photographs: data, augmentation, hints, resume."""

import csv
import json
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from skimage import data

from colorizer import checkpoints
from colorizer.color.bins import get_bins
from colorizer.color.lab import rgb_to_lab
from colorizer.decoding.prediction import log_weights
from colorizer.models.encoders import mobilenet
from train import mobile as train_mobile
from train.data import augment, hint_simulation
from train.data.photographs import Batches, DataError, Photos, load_photos
from train.engine import losses
from train.engine.ahead import ahead
from train.engine.options import duration
from train.engine.training_data import LEAST, MOST, how_often
from train.engine.validation import color_prior

NAMES = ("astronaut", "coffee", "chelsea", "rocket")


@pytest.fixture(scope="module")
def photos_zip(tmp_path_factory):
    """Four photographs in a zip, in folders that name sources, and one broken file."""
    folder = tmp_path_factory.mktemp("photos")
    path = folder / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i, name in enumerate(NAMES):
            file = folder / f"{name}.png"
            Image.fromarray(getattr(data, name)()).resize((96, 80)).save(file)
            archive.write(file, f"{'people' if i == 0 else 'things'}/{name}.png")
        archive.writestr("things/broken.png", b"no picture")
        archive.writestr("notes.txt", b"not a photograph")
    return path


@pytest.fixture
def batch() -> torch.Tensor:
    image = torch.from_numpy(data.astronaut()[:256, :256].copy()).permute(2, 0, 1)
    return torch.stack((image, image.flip(2)))


def test_photos_are_decoded_once_and_broken_files_left_out(photos_zip, tmp_path, capsys):
    photos = load_photos([photos_zip], 64, tmp_path)
    assert photos.pixels.shape == (4, 64, 64, 3)
    assert sorted(photos.sources) == ["people", "things", "things", "things"]
    assert "1 files could not be decoded" in capsys.readouterr().err
    written = sorted(tmp_path.iterdir())
    assert load_photos([photos_zip], 64, tmp_path).names == photos.names
    assert sorted(tmp_path.iterdir()) == written
    place = photos.names.index("people/astronaut.png")
    expected = (
        Image.fromarray(data.astronaut()).resize((96, 80)).crop((8, 0, 88, 80)).resize((64, 64))
    )
    assert abs(photos.pixels[place].astype(int) - np.asarray(expected).astype(int)).mean() < 8


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_no_photographs_is_one_sentence(tmp_path, path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"no such folder|No photographs"):
        load_photos([tmp_path / path], 64, tmp_path / "cache")


def test_batches_are_a_function_of_the_step_and_cover_every_photograph(photos_zip, tmp_path):
    photos = load_photos([photos_zip], 72, tmp_path)
    batches = Batches(photos, 64, 2, seed=5)
    first = [batches.batch(step) for step in range(6)]
    assert first[0].shape == (2, 3, 64, 64)
    assert first[0].dtype == torch.uint8
    again = Batches(photos, 64, 2, seed=5)
    for step in (4, 1):
        assert torch.equal(again.batch(step), first[step])
    assert not torch.equal(first[0], first[2])
    seen = {i for step in range(10) for i in batches.positions(0, 2, step)}
    assert seen == {0, 1, 2, 3}


def test_processes_share_the_work_and_weights_repeat_sources(photos_zip, tmp_path):
    photos = load_photos([photos_zip], 72, tmp_path)
    one = Batches(photos, 64, 2, seed=1)
    ranks = [Batches(photos, 64, 1, seed=1, rank=r, world=2) for r in (0, 1)]
    for step in range(5):
        joined = np.concatenate([b.positions(0, 1, step) for b in ranks])
        assert joined.tolist() == one.positions(0, 2, step).tolist()
    heavy = Batches(photos, 64, 2, seed=1, weights={"people": 5.0})
    picks = [photos.sources[i] for s in range(200) for i in heavy.positions(0, 2, s)]
    assert picks.count("people") / len(picks) == pytest.approx(5 / 8, abs=0.08)


def test_photographs_of_rare_colours_are_seen_more_often(tmp_path):
    coffee = Image.fromarray(data.coffee()).resize((64, 64))
    pixels = np.stack([coffee, coffee.convert("L").convert("RGB"), np.full((64, 64, 3), 128)])
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    pixels = np.stack([*pixels, red]).astype(np.uint8)
    prior = color_prior(pixels[:3], get_bins("zhang313"))
    often = how_often(Photos(pixels, [], []), prior, 1.0)
    assert often.mean() == pytest.approx(1)
    assert often[1] == often[2] < often[0] < often[3]
    assert often[3] / often[1] == pytest.approx(MOST / LEAST)
    assert how_often(Photos(pixels, [], []), prior, 0.5)[3] < often[3]
    photos = Photos(pixels, list("abcd"), list("abcd"))
    batches = Batches(photos, 64, 2, weights={"a": 2.0}, often=often, seed=1)
    picks = [i for s in range(400) for i in batches.positions(0, 2, s)]
    wanted = often * [2, 1, 1, 1] / (often * [2, 1, 1, 1]).sum()
    assert np.bincount(picks, minlength=4) / len(picks) == pytest.approx(wanted, abs=0.06)


@pytest.mark.slow
def test_old_photo_ages_about_half_and_leaves_the_rest_alone(batch):
    lightness = rgb_to_lab(batch)[:, :1]
    many, colours = lightness.repeat(50, 1, 1, 1), batch.repeat(50, 1, 1, 1)
    aged = augment.OldPhoto()(many, colours, torch.Generator().manual_seed(0))
    changed = (aged != many).flatten(1).any(1)
    assert 0.3 < changed.float().mean() < 0.7
    assert aged.min() >= 0
    assert aged.max() <= 100
    again = augment.OldPhoto()(many, colours, torch.Generator().manual_seed(0))
    assert torch.equal(aged, again)


@pytest.mark.parametrize(
    "effect",
    [
        augment.soft,
        augment.tone,
        augment.vignette,
        augment.fade,
        augment.stains,
        augment.scratches,
        augment.grain,
        augment.jpeg,
    ],
)
def test_every_ageing_effect_changes_the_picture_but_keeps_the_scene(batch, effect):
    grey = rgb_to_lab(batch)[:, :1] / 100
    result = effect(grey, torch.Generator().manual_seed(2))
    assert result.shape == grey.shape
    assert 0.001 < (result - grey).abs().mean() < 0.3
    similarity = torch.corrcoef(torch.stack((result.flatten(), grey.flatten())))[0, 1]
    assert similarity > 0.85


def test_paper_borders_are_neutral_and_leave_the_middle_alone(batch):
    lab = rgb_to_lab(batch)
    framed, rgb = augment.paper_borders(lab, batch, torch.Generator().manual_seed(0), share=1.0)
    assert framed[:, 1:, 0].abs().max() == 0
    assert (rgb[:, :, 0].float().std(1)).max() < 1  # grey in the input's colours too
    assert (rgb[:, 0, 0] / 2.55 - framed[:, 0, 0]).abs().max() < 1
    assert torch.equal(framed[:, :, 64:192, 64:192], lab[:, :, 64:192, 64:192])
    assert torch.equal(rgb[:, :, 64:192, 64:192], batch[:, :, 64:192, 64:192])
    same, _ = augment.paper_borders(lab, batch, torch.Generator(), share=0.0)
    assert same is lab


def test_orthochromatic_film_darkens_red_and_lightens_blue():
    red_blue = torch.zeros(1, 3, 8, 16, dtype=torch.uint8)
    red_blue[:, 0, :, :8] = 200
    red_blue[:, 2, :, 8:] = 200
    result = augment.orthochromatic(torch.zeros(1, 1, 8, 16), red_blue, torch.Generator())
    assert result[..., :8].mean() < 0.15 < 0.25 < result[..., 8:].mean()


def test_clues_reveal_true_colours(batch):
    lab = rgb_to_lab(batch).repeat(50, 1, 1, 1)
    ab, given = hint_simulation.simulate(lab, torch.Generator().manual_seed(0), 0.3, 0, 0)
    assert torch.equal(ab, lab[:, 1:])
    assert given.shape == (100, 3, 256, 256)
    with_hints = given[:, 2].flatten(1).any(1)
    assert 0.15 < with_hints.float().mean() < 0.45
    mask = given[:, 2:] == 1
    assert given[:, :2][~mask.expand(-1, 2, -1, -1)].abs().max() == 0
    error = ((given[:, :2] - ab).abs() * mask).sum() / (2 * mask.sum())
    assert error < 8  # the mean colour of a patch, not exactly each pixel's


def test_anchors_tell_the_mean_colour_of_segments(batch):
    lab = rgb_to_lab(batch).repeat(10, 1, 1, 1)
    ab, given = hint_simulation.simulate(lab, torch.Generator().manual_seed(0), 0, 1.0, 0)
    assert torch.equal(ab, lab[:, 1:])
    assert given[:, 2].flatten(1).any(1).all()
    mask = given[:, 2:] == 1
    # At most sixteen patches of at most 7 × 7.
    assert mask.flatten(1).sum(1).max() <= 16 * 49
    error = ((given[:, :2] - ab).norm(dim=1, keepdim=True) * mask).sum() / mask.sum()
    anywhere = (given[:, :2] - ab.flip(0)).norm(dim=1, keepdim=True)
    assert error < 0.5 * (anywhere * mask).sum() / mask.sum()


def test_segments_follow_the_photograph(batch):
    lab = rgb_to_lab(batch)[0]
    labels = hint_simulation.segments(lab, torch.Generator().manual_seed(0))
    assert labels.shape == (256, 256)
    assert 2 < len(labels.unique()) < 400
    within = torch.stack([lab[:, labels == k].var(1, correction=0) for k in labels.unique()])
    area = torch.bincount(labels.flatten())[labels.unique()].float()
    assert ((within * area[:, None]).sum(0) / area.sum() < 0.6 * lab.flatten(1).var(1)).all()


@pytest.mark.slow
def test_recolourings_change_the_target_in_their_segments_only(batch):
    lab = rgb_to_lab(batch).repeat(50, 1, 1, 1)
    before = lab.clone()
    ab, given = hint_simulation.simulate(lab, torch.Generator().manual_seed(0), 0, 0, 0.5)
    assert torch.equal(lab, before)
    hinted = given[:, 2].flatten(1).any(1)
    assert 0.35 < hinted.float().mean() < 0.65
    change = (ab - lab[:, 1:]).norm(dim=1)
    assert change[~hinted].max() == 0
    assert (change[hinted] == 0).float().mean() > 0.5
    # What a hint says is what the target has there.
    at_hint = (given[:, 2] == 1) & hinted[:, None, None]
    assert (given[:, :2] - ab).norm(dim=1)[at_hint].median() < 6


def test_no_hints_leave_everything_as_it_is(batch):
    lab = rgb_to_lab(batch)
    ab, given = hint_simulation.simulate(lab, torch.Generator().manual_seed(0), 0, 0, 0)
    assert given is None
    assert torch.equal(ab, lab[:, 1:])


def test_soft_cross_entropy_is_least_at_the_truth(batch):
    bins = get_bins("zhang313")
    ab = rgb_to_lab(batch)[:, 1:, ::8, ::8]
    index, share = bins.soft_encode(ab)
    target = torch.zeros(2, 313, 32, 32).scatter_(1, index, share)
    logits = (target + 1e-9).log().requires_grad_()
    loss = losses.soft_cross_entropy(logits, ab, bins)
    direct = -(target * target.clamp_min(1e-12).log()).sum(1).mean()
    assert loss.item() == pytest.approx(direct.item(), abs=1e-3)
    loss.backward()
    assert logits.grad.abs().max() < 1e-5
    doubled = losses.soft_cross_entropy(logits, ab, bins, weights=torch.full((313,), 2.0))
    assert doubled.item() == pytest.approx(2 * loss.item(), rel=1e-5)


def options(photos_zip, tmp_path, output, *more):
    return [
        *("--photos", str(photos_zip), "--validation", str(photos_zip), "--size", "64"),
        *("--cache", str(tmp_path / "cache"), "--output", str(output), "--batch-size", "2"),
        *("--warmup", "2", "--precision", "no", "--evaluate-every", "3", *more),
    ]


@pytest.mark.training
def test_interrupted_and_resumed_equals_uninterrupted(photos_zip, tmp_path):
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    train_mobile.main(options(photos_zip, tmp_path, straight, "--steps", "6"))
    train_mobile.main(options(photos_zip, tmp_path, broken, "--steps", "2"))
    train_mobile.main(options(photos_zip, tmp_path, broken, "--steps", "6", "--resume"))
    one = torch.load(straight / "state.pt", weights_only=True)
    two = torch.load(broken / "state.pt", weights_only=True)
    assert one["step"] == two["step"] == 6
    assert one["photographs"] == two["photographs"] == 12
    for part in ("models", "ema"):
        for key, value in one[part]["model"].items():
            assert torch.equal(value, two[part]["model"][key]), key
    config, state = checkpoints.load_weights(straight)
    assert config["approach"] == "mobile"
    assert config["photographs"] == 12
    torch.testing.assert_close(
        state["head.weight"], one["ema"]["model"]["head.weight"], atol=1e-3, rtol=1e-3
    )
    rows = list(csv.DictReader((straight / "curves.csv").open()))
    assert [row["step"] for row in rows] == ["3", "6"]
    assert float(rows[-1]["true_auc"]) > 50
    assert (straight / "grid-000006.png").exists()


@pytest.mark.training
def test_a_first_start_with_resume_has_the_encoder(photos_zip, tmp_path):
    """The README's command says --resume from the first start on; weights came out worse for it."""
    torch.manual_seed(5)
    given = {f"features.{k}": v for k, v in mobilenet.features().state_dict().items()}
    save_file(given, tmp_path / "encoder.safetensors")
    more = ("--encoder", str(tmp_path / "encoder.safetensors"), "--steps", "1", "--resume")
    train_mobile.main(options(photos_zip, tmp_path, tmp_path / "run", *more))
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)["models"]["model"]
    key = "features.18.0.weight"
    torch.testing.assert_close(
        state[key.replace("features", "encoder", 1)], given[key], atol=1e-2, rtol=0
    )
    # and goes on from its own state, not from the encoder again
    train_mobile.main(
        options(photos_zip, tmp_path, tmp_path / "run", *more[:2], "--steps", "1", "--resume")
    )
    again = torch.load(tmp_path / "run" / "state.pt", weights_only=True)["models"]["model"]
    assert torch.equal(again["head.weight"], state["head.weight"])


@pytest.mark.training
def test_cooldown_ends_the_training_with_a_falling_rate(photos_zip, tmp_path):
    output = tmp_path / "run"
    train_mobile.main(options(photos_zip, tmp_path, output, "--steps", "2"))
    train_mobile.main(options(photos_zip, tmp_path, output, "--resume", "--cooldown", "3"))
    state = torch.load(output / "state.pt", weights_only=True)
    assert state["step"] == 5
    assert state["cooldown"] == (2, 3)


@pytest.mark.training
def test_another_rebalancing_moves_the_best_prediction_and_nothing_else(photos_zip, tmp_path):
    output = tmp_path / "run"
    states = []
    for gamma in ("0", "0.5"):
        more = ("--steps", "2", "--resume", "--rebalance", gamma)
        train_mobile.main(options(photos_zip, tmp_path, output, *more))
        states.append(torch.load(output / "state.pt", weights_only=True))
    before, after = (state["models"]["model"] for state in states)
    config = json.loads((output / "config.json").read_text())
    weights = log_weights(np.array(config["prior"]), get_bins("zhang313"))
    moved = after.pop("head.bias") - before.pop("head.bias")
    assert torch.allclose(moved, 0.5 * weights, atol=1e-2)
    assert moved.abs().max() > 0.5
    assert all(torch.equal(before[name], after[name]) for name in before)
    averaged = [state["ema"]["model"]["head.bias"] for state in states]
    assert torch.allclose(averaged[1] - averaged[0], moved, atol=1e-4)
    assert config["trained_gamma"] == 0.5


@pytest.mark.process
def test_asked_to_stop_it_saves_and_leaves(photos_zip, tmp_path):
    output = tmp_path / "run"
    command = [sys.executable, "-m", "train.mobile", *options(photos_zip, tmp_path, output)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not (output / "state.pt").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert torch.load(output / "state.pt", weights_only=True)["step"] >= 3
    assert json.loads((output / "config.json").read_text())["steps"] >= 3
    assert not list(output.glob("*.partial"))


def test_durations_are_read():
    assert [duration(t) for t in ("90m", "2h", "45s", "7")] == [5400, 7200, 45, 7]
    with pytest.raises(Exception, match="no duration"):
        duration("soon")


def test_batches_are_made_ahead_in_order_and_each_once():
    made = []

    def make(step):
        made.append(step)
        return step * step

    assert list(ahead(range(3, 9), make, workers=2)) == [(s, s * s) for s in range(3, 9)]
    assert sorted(made)[:6] == list(range(3, 9))
    assert len(made) == len(set(made))
