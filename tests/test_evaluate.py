"""The evaluation and the model card, on real photographs and the shipped weights."""

import json
import zipfile

import numpy as np
import pytest
from PIL import Image

import colorizer
from colorizer import hub
from colorizer.bins import get_bins
from train import card, evaluate, sheet
from train import table as table_of_all

ROOT = hub.CHECKPOINTS.parent
FOLDERS = sorted(p.parent for p in hub.CHECKPOINTS.glob("*/config.json"))


@pytest.fixture(scope="module")
def photos(photographs) -> np.ndarray:
    names = ("astronaut", "chelsea", "coffee")
    return np.stack([np.asarray(Image.fromarray(photographs[n]).resize((96, 96))) for n in names])


@pytest.fixture(scope="module")
def prior(photos) -> np.ndarray:
    """A flat prior mixed with grey, so that every bin has a weight."""
    flat = np.full(313, 0.5 / 313)
    flat[get_bins("zhang313").encode(np_zero())] += 0.5
    return flat


def np_zero():
    import torch

    return torch.zeros(2, 1, 1)


@pytest.fixture(scope="module")
def table(mobile, photos, prior) -> dict:
    return evaluate.evaluate({"mobile": mobile}, photos, prior, samples=2)


def test_baselines_are_what_they_say(table):
    truth, grey = table["ground truth"], table["grey"]
    assert truth["psnr"] is None  # no error at all
    assert truth["auc_raw"] == pytest.approx(100)
    assert truth["colorfulness_share"] == pytest.approx(1)
    assert grey["sharpness_share"] == pytest.approx(1, abs=0.03)
    assert grey["colorfulness_share"] < 0.05
    assert grey["auc_raw"] < 100
    assert table["mean colour"]["colorfulness_share"] < 0.5


def test_every_decoding_has_its_row(table, mobile):
    for label in evaluate.settings_of(mobile.approach):
        row = table[f"mobile, {label}"]
        assert 10 < row["psnr"] < 40
        assert 50 < row["auc_raw"] < 100
    vivid = table["mobile, full vividness, T = 1"]["colorfulness_share"]
    assert vivid > table["mobile, truest: vividness 0, T = 1"]["colorfulness_share"]


def test_blur_is_seen_in_the_sharpness(photos, prior):
    evaluation = evaluate.Evaluation(prior)
    for original in photos:
        small = Image.fromarray(original).resize((24, 24))
        evaluation.add(original, {"blurred": np.asarray(small.resize((96, 96)))})
    assert evaluation.table()["blurred"]["sharpness_share"] < 0.7


def test_several_checkpoints_of_one_approach_have_rows_of_their_own(mobile):
    machines = {"runs/ablation/l2": mobile, "runs/ablation/soft": mobile}
    assert list(evaluate.named(machines)) == ["l2", "soft"]
    assert list(evaluate.named({"runs/mobile": mobile})) == ["mobile"]


def test_samples_stand_beside_their_control(table):
    samples, control = table["mobile, 2 samples"], table["mobile, 2 samples: control"]
    assert samples["pairwise_distance"] > 1
    assert control["pairwise_distance"] == pytest.approx(samples["pairwise_distance"], rel=0.05)


def test_command_prints_stores_and_records(tmp_path, photographs, capsys):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        file = tmp_path / "coffee.png"
        Image.fromarray(photographs["coffee"]).save(file)
        opened.write(file, "kitchen/coffee.png")
    folder = tmp_path / "mobile"
    config, state = hub.load_weights(hub.find("mobile"))
    hub.save_weights(folder, config, state)
    output = tmp_path / "figures.json"
    options = ["--photos", str(archive), "--size", "96", "--cache", str(tmp_path / "cache")]
    options += ["--approach", str(folder), "--output", str(output), "--record", "kitchen"]
    evaluate.main(options)
    assert "| mobile, default |" in capsys.readouterr().out
    stored = json.loads(output.read_text())
    assert stored["about"]["photographs"] == 1
    assert stored == json.loads((folder / "metrics.json").read_text())["kitchen"]
    card.write(folder)
    text = (folder / "README.md").read_text()
    figure = f"{stored['rows']['mobile, default']['psnr']:.2f}"
    assert figure in text
    assert "non-commercial" in text
    readme = card.with_figures(f"before {card.BEGIN} old {card.END} after", [folder])
    assert figure in readme
    assert "old" not in readme
    assert readme.startswith("before")
    assert readme.endswith("after")


@pytest.mark.parametrize("photos_path", ["nowhere.zip"])
def test_failures_are_one_sentence(photos_path):
    with pytest.raises(SystemExit, match="no such folder"):
        evaluate.main(["--photos", photos_path])


def test_sheet_shows_grey_result_and_original(mobile, photographs):
    original = Image.fromarray(photographs["chelsea"]).resize((300, 200))
    strip = np.asarray(sheet.strip(mobile, original, 100))
    assert strip.shape == (100, 3 * 150 + 2 * sheet.GAP, 3)
    grey, result, true = strip[:, :150], strip[:, 156:306], strip[:, 312:]
    assert np.ptp(grey.astype(int), axis=2).max() <= 3
    assert np.ptp(result.astype(int), axis=2).mean() > 2
    assert abs(true.astype(int) - np.asarray(original.resize((150, 100)))).mean() < 12
    assert sheet.arrange([Image.fromarray(strip)] * 3).height == 200 + sheet.GAP


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_shipped_checkpoint_is_complete_small_and_its_card_is_current(folder):
    assert (folder / "model.safetensors").stat().st_size <= 10e6
    assert (folder / "README.md").read_text(encoding="utf-8") == card.card(folder)
    config = json.loads((folder / "config.json").read_text())
    assert config["photographs"] == sum(c["steps"] * c["batch_size"] for c in config["training"])
    assert colorizer.load(str(folder)).approach.key == folder.name


def test_readme_has_the_figures_that_were_measured():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert card.with_figures(text, FOLDERS) == text


def test_the_table_of_trainings_has_every_checkpoint_and_is_current():
    text = table_of_all.README.read_text(encoding="utf-8")
    assert table_of_all.with_table(text, table_of_all.shipped_folders()) == text
    assert all(f"| `{folder.name}`:" in text for folder in FOLDERS)


def test_commands_of_a_training_are_those_that_would_repeat_it():
    part = {"first_step": 0, "size": 64, "loss": "soft", "cooldown": 0, "steps": 5, "hours": 1.0}
    again = {**part, "first_step": 5, "steps": 7}
    last = {**part, "size": 96, "first_step": 12, "cooldown": 3, "steps": 3}
    config = {"approach": "wgan-gp", "training": [part, again, last]}
    assert table_of_all.commands(config) == [
        "python -m train.wgan_gp --size 64 --loss soft --steps 12",
        "python -m train.wgan_gp --size 96 --loss soft --cooldown 3",
    ]
