"""The evaluation and the model card, on real photographs and the shipped weights."""

import json
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageOps

import colorizer
from colorizer import checkpoints
from colorizer.color.bins import get_bins
from train import evaluate
from train.evaluation import collect, report, results
from train.evaluation.pictures import FullSize, Picture, aged, wordnet_ids
from train.evaluation.results import DEFAULT, TRUEST, RowKey
from train.publish import card, comparison, contact_sheet, overview
from train.publish import training_table as table_of_all

LARGER = {"efficient": 16e6}  # bytes of weights; the others have 10 MB at most
FOLDERS = sorted(p.parent for p in checkpoints.CHECKPOINTS.glob("*/config.json"))


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
def pictures(photos) -> list[Picture]:
    return [Picture(p, "few", f"photo{i}") for i, p in enumerate(photos)]


@pytest.fixture(scope="module")
def measured(mobile, pictures, prior) -> collect.Evaluation:
    return collect.measure("mobile", mobile, pictures, prior, samples=2)


@pytest.fixture(scope="module")
def table(measured, pictures, prior) -> dict:
    return collect.measure_baselines(pictures, prior).table() | measured.table()


def test_baselines_are_what_they_say(table):
    truth, grey = table[results.GROUND_TRUTH], table[results.GREY]
    assert truth["psnr"] is None  # no error at all
    assert truth["auc_raw"] == pytest.approx(100)
    assert truth["colorfulness_share"] == pytest.approx(1)
    assert grey["sharpness_share"] == pytest.approx(1, abs=0.03)
    assert grey["colorfulness_share"] < 0.05
    assert grey["auc_raw"] < 100
    assert table[results.MEAN_COLOUR]["colorfulness_share"] < 0.5
    other = table[results.OTHER_COLOURS]
    assert other["colorfulness_share"] > 0.3
    assert other["auc_raw"] < truth["auc_raw"]


def test_every_decoding_has_its_row(table, mobile):
    for label in collect.settings_of(mobile.approach):
        row = table[RowKey("mobile", label)]
        assert 10 < row["psnr"] < 40
        assert 50 < row["auc_raw"] < 100
    vivid = table[RowKey("mobile", results.FULL)]["colorfulness_share"]
    assert vivid > table[RowKey("mobile", TRUEST)]["colorfulness_share"]


def test_blur_is_seen_in_the_sharpness(pictures, prior):
    ev = collect.Evaluation(prior)
    for picture in pictures:
        small = Image.fromarray(picture.original).resize((24, 24))
        ev.add(picture, {RowKey("blurred"): np.asarray(small.resize((96, 96)))})
    assert ev.table()[RowKey("blurred")]["sharpness_share"] < 0.7


def test_several_checkpoints_of_one_approach_have_rows_of_their_own(mobile):
    models = {"runs/ablation/l2": mobile, "runs/ablation/soft": mobile}
    assert list(evaluate.named(models)) == ["l2", "soft"]
    assert list(evaluate.named({"runs/mobile": mobile})) == ["mobile"]
    alike = {"mobile": mobile, "runs/mobile": mobile, "/old/mobile": mobile}
    assert list(evaluate.named(alike)) == ["mobile", "runs-mobile", "old-mobile"]


def test_samples_stand_beside_their_control(table):
    samples, control = (table[RowKey("mobile", samples=2, control=c)] for c in (False, True))
    assert samples["pairwise_distance"] > 1
    assert control["pairwise_distance"] == pytest.approx(samples["pairwise_distance"], rel=0.05)


def test_several_draws_of_samples_are_averaged(mobile, pictures, prior):
    twice = collect.measure("mobile", mobile, pictures[:1], prior, samples=2, draws=2)
    analysis, key = mobile.analyze(pictures[0].original), RowKey("mobile", samples=2, draws=2)
    by_hand = collect.Evaluation(prior)
    for seed in (0, 2):
        drawn = [np.asarray(s) for s in analysis.sample(2, seed=seed)]
        by_hand.add_samples("mobile", pictures[0].original, drawn, draws=2)
    assert len(set(by_hand.rows[key].best_error)) == 2
    assert twice.table()[key]["best_of_n_error"] == pytest.approx(
        np.mean(by_hand.rows[key].best_error), abs=1e-4
    )


def test_no_draw_at_all_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        evaluate.main(["--photos", "val.zip", "--samples", "4", "--draws", "0"])
    assert refused.value.code
    assert "--draws must be at least 1." in capsys.readouterr().err


@pytest.mark.training
def test_command_prints_stores_and_records(tmp_path, photographs, capsys):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        file = tmp_path / "coffee.png"
        Image.fromarray(photographs["coffee"]).save(file)
        opened.write(file, "kitchen/coffee.png")
    folder = tmp_path / "mobile"
    config, state = checkpoints.load_weights(checkpoints.find("mobile"))
    checkpoints.save_weights(folder, config, state)
    output = tmp_path / "figures"
    options = ["--photos", str(archive), "--size", "96", "--cache", str(tmp_path / "cache")]
    options += ["--approach", str(folder), "--output", str(output), "--record", "kitchen"]
    evaluate.main(options)
    printed = capsys.readouterr()
    assert "| mobile, default |" in printed.out
    assert "segmentation: not measured: no --segmentation" in printed.err
    stored = json.loads((output / "figures.json").read_text())
    assert stored["about"]["photographs"] == 1
    rows = results.from_records(stored["rows"])
    assert results.load(folder)["kitchen"]["rows"] == rows
    details = results.from_records(stored["details"], "details")
    assert len(details[RowKey("mobile", DEFAULT)]["curve_raw"]) == 151
    assert "mobile, default" in (output / "figures.csv").read_text()
    page = (output / "figures.html").read_text()
    assert page.count("data:image/jpeg") == 2  # the one photograph is the best and the worst
    # Again: nothing is measured twice, and the values are the same.
    evaluate.main(options)
    assert "mobile: as measured before" in capsys.readouterr().err
    assert json.loads((output / "figures.json").read_text()) == stored
    # Other weights are measured anew.
    checkpoints.save_weights(folder, config | {"note": "another"}, state)
    evaluate.main(options)
    assert "mobile: as measured before" not in capsys.readouterr().err
    card.write(folder)
    text = (folder / "README.md").read_text()
    value = f"{rows[RowKey('mobile', DEFAULT)]['psnr']:.2f}"
    assert value in text
    assert "non-commercial" in text
    assert value in overview.as_markdown([folder])


@pytest.mark.training
def test_a_training_beside_a_checkpoint_is_recorded_with_it(photographs, tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    coffee = Image.fromarray(photographs["coffee"]).resize((120, 90))
    coffee.save(tmp_path / "photos" / "coffee.png")
    config, state = checkpoints.load_weights(checkpoints.find("mobile"))
    folders = [tmp_path / "mobile", tmp_path / "earlier"]
    for folder in folders:
        checkpoints.save_weights(folder, config, state)
    options = ["--photos", str(tmp_path / "photos"), "--size", "64", "--record", "photos"]
    options += ["--cache", str(tmp_path / "cache"), "--approach", str(folders[0])]
    evaluate.main([*options, "--beside", str(folders[1])])
    rows = results.load(folders[0])["photos"]["rows"]
    one, two = (rows[RowKey(name, DEFAULT)] for name in ("earlier", "mobile"))
    assert one["psnr"] == two["psnr"]
    assert not (folders[1] / "metrics.json").exists()
    assert "| earlier, default |" in capsys.readouterr().out
    # Measured again without it: it stays if that is asked for.
    for keep, stays in ((["--keep", "earlier"], True), ([], False)):
        evaluate.main([*options, *keep])
        stored = results.load(folders[0])["photos"]
        assert (RowKey("earlier", DEFAULT) in stored["rows"]) is stays
        assert ("earlier" in stored["about"]["seen"]) is stays


@pytest.mark.training
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--photos", "nowhere.zip"], "no such folder"),
        (["--classifier", "resnet18"], "allow a download with --fetch"),
        (["--classifier", "nonet=file.pth"], "no network called 'nonet'"),
        (["--inception", "mobilenet_v2=nofile.pth"], "There is no file nofile.pth"),
        (["--labels"], "names no ImageNet class"),
    ],
    ids=["photos", "weights", "network", "file", "labels"],
)
def test_failures_are_one_sentence(options, words, photo_file, tmp_path):
    folder = photo_file("album/coffee.png", "coffee", grey=False, side=64).parent
    common = ["--photos", str(folder), "--size", "32", "--cache", str(tmp_path / "cache")]
    with pytest.raises(SystemExit, match=words):
        evaluate.main([*common, *options])


def test_memory_of_a_row_does_not_grow_and_the_best_are_remembered(pictures, prior):
    ev = collect.Evaluation(prior)
    for i in range(100):
        noise = np.random.default_rng(i).integers(0, 2 + i, pictures[0].original.shape)
        result = np.clip(pictures[0].original + noise, 0, 255).astype(np.uint8)
        ev.add(Picture(pictures[0].original, "x", str(i)), {RowKey("worse and worse"): result})
    row = ev.rows[RowKey("worse and worse")]
    assert len(row.gain) <= 65
    details = row.details()
    assert details["best"][0] in ("0", "1")
    assert details["worst"][0] in ("98", "99")


def test_aged_input_is_compared_on_the_original_lightness(mobile, pictures, prior):
    fresh = collect.measure("mobile", mobile, pictures[:1], prior).table()
    old = collect.measure("mobile", mobile, pictures[:1], prior, age=True).table()
    again = collect.measure("mobile", mobile, pictures[:1], prior, age=True).table()
    for row in (*old.values(), *again.values()):
        row.pop("seconds", None)
    assert old == again
    name = RowKey("mobile", TRUEST)
    assert old[name]["psnr"] != fresh[name]["psnr"]
    # Grain and fading would cost far more than colour if they counted, too.
    assert old[name]["psnr"] > fresh[name]["psnr"] - 4


def test_borders_of_old_prints_are_neutral_in_what_is_compared(pictures):
    originals = [(p.original, aged(p.original, 7 * i)) for i, p in enumerate(pictures * 8)]
    framed = [new for old, (new, _) in originals if not np.array_equal(old, new)]
    assert 0 < len(framed) < len(originals)
    for original in framed:
        edge = np.concatenate((original[0], original[-1], original[:, 0], original[:, -1]))
        assert np.ptp(edge.astype(int), axis=1).max() == 0


def test_baselines_of_old_prints_have_the_same_originals(mobile, pictures, prior):
    truth = collect.measure_baselines(pictures, prior, age=True).table()[results.GROUND_TRUTH]
    seen = collect.measure("mobile", mobile, pictures, prior, age=True).table()
    assert seen[results.GROUND_TRUTH] == truth


def test_whole_photographs_at_their_own_size(photo_file, mobile, prior):
    folder = photo_file("album/coffee.png", "coffee", grey=False, side=130).parent
    found = FullSize([str(folder)])
    assert len(found) == 1
    assert found[0].original.shape == (87, 130, 3)
    table = collect.measure("mobile", mobile, found, prior).table()
    row = table[RowKey("mobile", DEFAULT)]
    assert row["psnr"] > 15
    assert row["seconds"] > 0


def test_markdown_has_a_dash_for_what_was_not_measured():
    text = report.markdown({"one": {"psnr": 1.234, "ssim": None}, "two": {"ssim": 0.5}})
    assert "| one | 1.23 | – |" in text
    assert "| two | – | 0.500 |" in text


def test_sheet_shows_grey_result_and_original(mobile, photographs):
    original = Image.fromarray(photographs["chelsea"]).resize((300, 200))
    strip = np.asarray(contact_sheet.strip([mobile], original, 100))
    assert strip.shape == (100, 3 * 150 + 2 * contact_sheet.GAP, 3)
    grey, result, true = strip[:, :150], strip[:, 156:306], strip[:, 312:]
    assert np.ptp(grey.astype(int), axis=2).max() <= 3
    assert np.ptp(result.astype(int), axis=2).mean() > 2
    assert abs(true.astype(int) - np.asarray(original.resize((150, 100)))).mean() < 12
    assert contact_sheet.arrange([Image.fromarray(strip)] * 3).height == 200 + contact_sheet.GAP


@pytest.mark.slow
def test_sheet_of_the_worst_begins_with_the_worst(mobile, photographs, tmp_path):
    names = ("astronaut", "coffee", "rocket")
    for name in names:
        Image.fromarray(photographs[name]).save(tmp_path / f"{name}.png")
    options = ["--photos", str(tmp_path), "--pick", "2", "--worst", "--height", "60"]
    contact_sheet.main([*options, "--output", str(tmp_path / "out" / "worst.png")])
    made = np.asarray(Image.open(tmp_path / "out" / "worst.png"))
    fitted = {n: ImageOps.fit(Image.fromarray(photographs[n]), (768, 512)) for n in names}
    worst = min(names, key=lambda name: contact_sheet.likeness(mobile, fitted[name]))
    original = np.asarray(fitted[worst].resize((90, 60))).astype(int)
    assert made.shape == (60, 2 * (3 * 90 + 2 * contact_sheet.GAP) + 4 * contact_sheet.GAP, 3)
    assert abs(made[:, 192:282] - original).mean() < 12


def size_of(folder) -> int:
    return (folder / checkpoints.WEIGHTS).stat().st_size


def test_all_checkpoints_together_are_small():
    assert sum(map(size_of, FOLDERS)) <= 64e6


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_shipped_checkpoint_is_complete_small_and_its_card_is_current(folder):
    assert size_of(folder) <= LARGER.get(folder.name, 10e6)
    assert (folder / "README.md").read_text(encoding="utf-8") == card.card(folder)
    config = json.loads((folder / "config.json").read_text())
    assert config["photographs"] == sum(c["steps"] * c["batch_size"] for c in config["training"])
    assert colorizer.load(str(folder)).approach.key == folder.name


def test_readme_and_results_have_what_was_measured():
    for path, new in overview.pages():
        assert path.read_text(encoding="utf-8") == new, path


def test_the_overview_has_one_table_for_photographs_measured_alike(tmp_path):
    folders = []
    for key, psnr, photographs in (
        ("wgan-gp", 21.5, 9),
        ("mobile", 22.5, 9),
        ("colorful", 23.5, 8),
    ):
        folder = tmp_path / key
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"approach": key}))
        rows = {results.GREY: {"psnr": 20.0}, RowKey(key, DEFAULT): {"psnr": psnr}}
        rows[RowKey(key, "k 3")] = {}
        about = {"photographs": photographs, "size": 96}
        results.save(folder, {"some.zip": {"about": about, "rows": rows}})
        folders.append(folder)
    text = overview.as_markdown(folders)
    first, second = text.split("**some.zip**")[1:]
    assert first.startswith(": 9 photographs, squares of 96 px")
    lines = [line for line in first.splitlines() if line.startswith("| ")][1:]
    assert lines == ["| grey | 20.00 |", "| mobile | 22.50 |", "| wgan-gp | 21.50 |"]
    assert "| colorful | 23.50 |" in second
    # A network that measured only one of them: a dash for the others.  Two networks: two tables.
    stored = results.load(folders[0])
    for network, count in (("one.pth", 3), ("two.pth", 4)):
        stored["some.zip"]["about"]["inception"] = network
        stored["some.zip"]["rows"][RowKey("wgan-gp", DEFAULT)]["inception_score"] = 7.0
        results.save(folders[0], stored)
        text = overview.as_markdown(folders)
        assert len(text.split("**some.zip**")) == count
        assert f"are of {network}" in text
        if network == "one.pth":
            assert "| mobile | 22.50 | – |" in text
            assert "| wgan-gp | 21.50 | 7.00 |" in text
            other = results.load(folders[1])
            other["some.zip"]["about"]["inception"] = network
            results.save(folders[1], other)


def test_the_reports_tables_are_current_and_show_what_was_measured():
    text = comparison.PAGE.read_text(encoding="utf-8")
    assert text == comparison.page()
    measured = {"val.zip": {RowKey("pix2pix", DEFAULT): {"psnr": 12.345}}}
    shown = comparison.markdown(comparison.TABLES[1], measured)
    assert "| their method, 90 epochs | 16.21 | pix2pix, default | 12.35 |" in shown
    assert "| Isola et al. | 21.83 | – | – |" in shown


def test_the_two_reconstructions_differ_by_a_row():
    lab = {"psnr": 24.5, "ssim": 0.95, "sharpness_share": 1.0}
    rgb = {"psnr": 20.0, "ssim": 0.55, "sharpness_share": 0.25}
    rows = {RowKey("reconstruction-lab", DEFAULT): lab, results.GREY: {}}
    assert evaluate.difference(rows) == {}
    rows[RowKey("reconstruction-rgb", DEFAULT)] = rgb
    (name, row), *others = evaluate.difference(rows).items()
    assert not others
    assert row == pytest.approx({"psnr": -4.5, "ssim": -0.4, "sharpness_share": -0.75})
    shown = overview.rows_of("reconstruction-rgb", {name: row})
    assert list(shown) == ["reconstruction-rgb less reconstruction-lab"]


def test_the_overview_says_how_often_samples_were_drawn():
    rows = {RowKey("mobile", samples=4, draws=n): {"best_of_n_error": 16.0} for n in (1, 5)}
    once, often = overview.rows_of("mobile", rows)
    assert once == "mobile, best of 4"
    assert often == "mobile, best of 4 (mean of 5 draws)"


def test_wordnet_ids_are_found_among_other_columns(tmp_path):
    path = tmp_path / "classes.tsv"
    path.write_text("0\tn01440764\ttench\n1\tn01443537\tgoldfish\n")
    assert wordnet_ids(str(path)) == ["n01440764", "n01443537"]


def test_the_table_of_trainings_has_every_checkpoint_and_is_current():
    text = table_of_all.README.read_text(encoding="utf-8")
    assert table_of_all.with_table(text, overview.shipped_folders()) == text
    assert all(f"### `{folder.name}`" in text for folder in FOLDERS)


def test_commands_of_a_training_are_those_that_would_repeat_it():
    part = {"first_step": 0, "size": 64, "loss": "soft", "cooldown": 0, "steps": 5, "hours": 1.0}
    again = {**part, "first_step": 5, "steps": 7}
    last = {**part, "size": 96, "first_step": 12, "cooldown": 3, "steps": 3}
    config = {"approach": "wgan-gp", "training": [part, again, last]}
    assert table_of_all.commands(config) == [
        "python -m train.wgan_gp --size 64 --loss soft --steps 12",
        "python -m train.wgan_gp --size 96 --loss soft --cooldown 3",
    ]


def test_a_cooldown_that_stopped_and_went_on_is_two_commands():
    part = {"first_step": 4, "size": 64, "cooldown": 9, "steps": 2, "hours": 1.0}
    rest = {**part, "first_step": 6, "cooldown": 0, "steps": 7}
    assert table_of_all.commands({"approach": "wgan-gp", "training": [part, rest]}) == [
        "python -m train.wgan_gp --size 64 --cooldown 9 --steps 6",
        "python -m train.wgan_gp --size 64 --steps 13",
    ]


def test_the_table_shows_the_largest_set_of_photographs_as_they_are():
    def result(photographs, psnr, aged=False):
        row = {"psnr": psnr, "colorfulness_share": 1.0, "auc_raw": 2.0, "auc_rebalanced": 3.0}
        about = {"photographs": photographs, "aged": aged}
        return {"about": about, "rows": {RowKey("mobile", DEFAULT): row}}

    found = {"few": result(24, 1), "aged": result(900, 2, True), "many": result(800, 3)}
    assert table_of_all.quality("mobile", found)[0] == "3.00"
    assert table_of_all.quality("mobile", {}) == ["–"] * 4
