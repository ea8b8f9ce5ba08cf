"""Compare, Inspect, Steer, and what is new in the other tabs, as plain functions: no browser."""

from __future__ import annotations

import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from colorizer.approaches import Approach, Knob, get
from colorizer.color import ab_plane
from colorizer.color.lab import rgb_to_lab
from colorizer.hints import Hint, HintError
from colorizer.ui.backend import crops, download, montage, quality
from colorizer.ui.backend.memory import Memory
from colorizer.ui.backend.problems import BadInput
from colorizer.ui.backend.setting import Setting, render, rendering
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server.settings import Settings
from colorizer.ui.tabs.colorize import preview
from colorizer.ui.tabs.compare import comparison
from colorizer.ui.tabs.compare import tab as compare_tab
from colorizer.ui.tabs.compare.endpoint import compare
from colorizer.ui.tabs.inspect import distribution
from colorizer.ui.tabs.inspect import tab as inspect_tab
from colorizer.ui.tabs.inspect.endpoint import inspect
from colorizer.ui.tabs.sample import grid, seeds
from colorizer.ui.tabs.shared import Session
from colorizer.ui.tabs.steer import editing, picture, selection
from colorizer.ui.tabs.steer import view as steer_view
from colorizer.ui.tabs.steer.editing import Steering
from colorizer.ui.tabs.steer.endpoint import steer
from colorizer.ui.tabs.sweep import knob_axes
from colorizer.ui.tabs.sweep import sheet as sweep_sheet
from colorizer.ui.widgets import pointer
from tests.support.pictures import Counted


@pytest.fixture
def model(mobile) -> Counted:
    return Counted(mobile)


@pytest.fixture
def studio(model, tmp_path) -> Studio:
    return Studio(Settings(preview_side=320, compare_side=240), tmp_path / "files", lambda _: model)


@pytest.fixture
def chosen(studio, photo_file):
    """A photograph that came in colour."""
    return studio.open(photo_file("cup.png", "coffee", grey=False, side=300), "ann")


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def chroma(path) -> float:
    rgb = pixels(path)
    return float((rgb.max(axis=2) - rgb.min(axis=2)).mean())


# --- Colorize -----------------------------------------------------------------------------------


def test_the_original_and_the_uncertainty_can_be_seen(studio, model, chosen, photographs):
    assert chosen.color
    look = preview.Showing(preview.ORIGINAL)
    (left, right), words = preview.pair(studio, chosen, "mobile", Setting(), "ann", look)
    assert chroma(left) > 20
    assert Image.open(left).size == Image.open(right).size
    assert "PSNR" in words
    assert "original" in words
    (grey, unsure), same = preview.pair(
        studio, chosen, "mobile", Setting(), "ann", preview.Showing(unsure=True)
    )
    assert chroma(grey) == 0
    assert same == words
    assert np.abs(pixels(unsure) - pixels(right)).mean() > 10
    entropy = studio.analysis(chosen, "mobile", "ann").entropy()
    light = Image.open(unsure).convert("L").resize(entropy.shape[::-1], Image.Resampling.BOX)
    assert np.corrcoef(np.asarray(light).ravel(), entropy.ravel())[0, 1] > 0.5
    assert model.runs == 1


def test_strength_runs_from_grey_to_more(studio, chosen):
    analysis = studio.analysis(chosen, "mobile", "ann")
    spread = [
        quality.measure(render(analysis, Setting(strength=s)), None).colorfulness
        for s in (0.0, 1.0, 1.5)
    ]
    assert spread[0] == 0
    assert spread[0] < spread[1] < spread[2]


def test_knobs_are_remembered_for_each_method():
    setting = preview.setting(
        "mobile", preview.BEST, 0, ((), None), {"temperature": 0.2, "strength": 0.5}
    )
    assert setting == Setting({"temperature": 0.2}, strength=0.5)
    memory = Memory({"mobile": setting})
    assert memory["mobile"].strength == 0.5
    assert memory["another"] == Setting()


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg")])
def test_a_download_says_that_its_colours_are_simulated(studio, chosen, kind, ending):
    setting = Setting({"temperature": 0.3}, seed=4, around=(2,))
    path = download.download(studio, chosen, "mobile", setting, "ann", kind)
    assert path.endswith(f"cup-color.{ending}")
    with Image.open(path) as image:
        assert image.format == kind
        image.load()
        note = image.info.get("Description") or image.info["comment"].decode()
    for words in ("Colours are simulated", "mobile", "temperature 0.3", "seed 4, near seed 2"):
        assert words in note


def test_before_and_after_stand_on_one_picture(studio, chosen):
    path = download.download(studio, chosen, "mobile", Setting(), "ann", download.SHARED)
    picture = pixels(path)
    height, width = picture.shape[:2]
    assert width < height  # a wide photograph: one above the other
    upper, lower = picture[: height * 2 // 5], picture[height // 2 : height * 9 // 10]
    assert (upper.max(axis=2) == upper.min(axis=2)).all()
    assert (lower.max(axis=2) - lower.min(axis=2)).mean() > 4
    tall = montage.before_after(*[Image.new("RGB", (300, 500))] * 2, "after", "simulated")
    assert tall.width > tall.height


# --- Compare ------------------------------------------------------------------------------------


def test_a_comparison_streams_and_measures(studio, model, chosen):
    keys = ["mobile", "mobile"]
    todo = comparison.requests(keys, Memory({"mobile": Setting({"temperature": 0.2})}))
    steps = list(comparison.compare(studio, chosen, todo, "ann"))
    assert [sum(r.path is not None for r in step.results) for step in steps] == [0, 1, 2]
    last = steps[-1]
    assert model.runs == 1
    one = last.results[0]
    assert one.setting.knobs == {"temperature": 0.2}
    assert one.seconds > 0
    assert 5 < one.metrics.psnr < 60
    assert one.metrics.original > 10
    value = compare_tab.grid_value(last, chosen)
    assert [t["title"] for t in value["tiles"]] == [
        "Grey",
        "Original",
        "Mobile",
        "Mobile",
    ]
    assert [t["still"] for t in value["tiles"]] == [True, True, False, False]
    assert " ms · PSNR " in value["tiles"][2]["detail"]
    assert {Image.open(t["picture"]["path"]).size for t in value["tiles"]} == {(240, 160)}
    assert comparison.at(last, 0) is None
    assert comparison.at(last, 2) == one
    assert comparison.at(last, 4) is None
    assert not last.stale(chosen, todo)
    assert last.stale(chosen, todo[:1])
    assert steps[1].stale(chosen, todo)  # was not finished
    sheet = pixels(comparison.contact_sheet(studio, chosen, last, "ann"))
    assert sheet.shape[1] == 2 * 240 + 3 * montage.GAP
    assert sheet.shape[0] > 2 * 160


def test_a_method_without_weights_leaves_the_others_alone(model, tmp_path, photo_file):
    from colorizer.checkpoints import MissingWeights

    def load(key):
        if key != "mobile":
            raise MissingWeights("none")
        return model

    studio = Studio(Settings(), tmp_path / "files", load)
    chosen = studio.open(photo_file(side=120), "ann")
    lame = comparison.Result("nothing", Setting())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("colorizer.ui.backend.studio.get", lambda key: None)
        *_, last = comparison.compare(
            studio, chosen, [lame, *comparison.requests(["mobile"], Memory())], "ann"
        )
    assert last.results[0].path is None
    assert "weights" in last.results[0].problem
    assert last.results[1].path
    assert last.truth is None


# --- Inspect ------------------------------------------------------------------------------------


def test_a_reading_is_the_models_own_distribution(studio, chosen):
    analysis = studio.analysis(chosen, "mobile", "ann")
    found = distribution.read(analysis, 150, 100, Setting())
    colours = analysis.distribution(150, 100)
    assert found.colours == tuple(colours)
    assert sum(p for _, _, p in colours) == pytest.approx(1, abs=1e-4)
    grid = analysis.entropy()
    row = int((100 + 0.5) / chosen.height * grid.shape[0])
    column = int((150 + 0.5) / chosen.width * grid.shape[1])
    assert found.entropy == pytest.approx(grid[row, column], abs=1e-3)
    likeliest = found.likeliest()
    assert len(likeliest) == 5
    assert [p for _, p in likeliest] == sorted((p for _, p in likeliest), reverse=True)
    value = inspect_tab.reading_value(found, "/x.png")
    assert value["colors"][0]["width"] == "100.0"
    assert f"{math.exp(found.entropy):.0f} equally" in value["meaning"]


def test_the_plane_shows_colours_where_they_belong():
    image = np.asarray(ab_plane.picture(60, [(60, 40, 0.7), (-40, 30, 0.3)]))
    side = image.shape[0]

    def at(a: float, b: float) -> np.ndarray:
        x, y = side / 2 * (1 + a / ab_plane.REACH), side / 2 * (1 - b / ab_plane.REACH)
        return image[round(y), round(x)].astype(int)

    for a, b in ((60, 40), (-40, 30)):
        lab = rgb_to_lab(torch.tensor(at(a, b), dtype=torch.uint8).view(3, 1, 1)).flatten()
        assert lab[0] == pytest.approx(60, abs=2)
        assert (lab[1].item(), lab[2].item()) == pytest.approx((a, b), abs=4)
    assert abs(at(-100, -100) - at(-105, -100)).max() == 0  # outside sRGB: plain ground
    assert (image == 236).all(axis=2).sum() > 100  # the outline


def test_swatches_keep_lightness_and_hints_keep_colour():
    for lightness, a, b in ((50, 20, 30), (95, 40, 60), (5, 60, 40), (0, 50, 50)):
        for color in (ab_plane.swatch(lightness, a, b), ab_plane.hint_color(lightness, a, b)):
            assert len(color) == 7
        rgb = Hint(0, 0, ab_plane.swatch(lightness, a, b)).rgb()
        lab = rgb_to_lab(torch.tensor(rgb, dtype=torch.float32).view(3, 1, 1) / 255).flatten()
        assert lab[0].item() == pytest.approx(lightness, abs=1)
        kept = Hint(0, 0, ab_plane.hint_color(lightness, a, b)).ab()
        assert kept == pytest.approx((a, b), abs=1.5)


def test_points_are_full_size_pixels(chosen):
    assert pointer.place({"x": 0.5, "y": 0.25}, chosen) == (150, 50)
    assert pointer.place({"x": 1.0, "y": 1.0}, chosen) == (299, 199)
    for data in ({"x": 2, "y": 0}, {"x": "1", "y": 0}, {}, "x", {"x": float("nan"), "y": 0.5}):
        assert pointer.place(data, chosen) is None
    value = pointer.value(chosen, "/p.png", "alt", [pointer.Pin(149.5, 99.5)])
    assert (value["pins"][0]["left"], value["pins"][0]["top"]) == ("50.000", "50.000")


# --- Steer --------------------------------------------------------------------------------------


def test_hints_are_put_edited_removed_and_undone():
    now = editing.aim(Steering(), 10, 20)
    now = editing.paint(now, "#ff0000")
    assert (now.hints, now.chosen) == ((Hint(10, 20, "#ff0000"),), 0)
    now = editing.paint(now, "#00ff00")  # the same hint, still in hand
    assert now.hints == (Hint(10, 20, "#00ff00"),)
    now = editing.paint(editing.aim(now, 30, 40), "#0000ff")
    assert len(now.hints) == 2
    edited = editing.paint(editing.select(now, 0), "#123456")
    assert [h.color for h in edited.hints] == ["#123456", "#0000ff"]
    assert editing.undo(edited).hints == now.hints
    assert editing.redo(editing.undo(edited)).hints == edited.hints
    assert [h.color for h in editing.remove(now, 0).hints] == ["#0000ff"]
    cleared = editing.clear(now)
    assert cleared.hints == ()
    assert editing.undo(cleared).hints == now.hints
    assert editing.undo(Steering()) == Steering()
    assert editing.select(now, 7) == now
    with pytest.raises(BadInput, match="point"):
        editing.paint(Steering(), "#ff0000")


@pytest.mark.parametrize(
    ("sent", "color"),
    [("#A0b1C2", "#a0b1c2"), ("#abc", "#aabbcc"), ("rgba(255, 0.4, 127.6, 1)", "#ff0080")],
)
def test_what_a_picker_sends_becomes_a_colour(sent, color):
    assert editing.color_of(sent) == color


@pytest.mark.parametrize("sent", ["", None, "red", "#12", "rgb(1)", "../x"])
def test_what_is_no_colour_gets_a_sentence(sent):
    with pytest.raises(BadInput, match="colour"):
        editing.color_of(sent)


def test_a_hint_recolours_the_photograph_and_can_be_kept(studio, model, chosen, tmp_path):
    hints = [Hint(150, 100, "#20a040")]
    plain = picture.picture(studio, chosen, "mobile", Setting(), [], "ann")
    shown = picture.picture(studio, chosen, "mobile", Setting(), hints, "ann")
    assert model.runs == 2
    again = picture.picture(studio, chosen, "mobile", Setting({"temperature": 0.2}), hints, "ann")
    assert model.runs == 2  # another knob: the analysis under these hints is kept
    assert pixels(again.path).shape == pixels(plain.path).shape
    assert np.abs(pixels(shown.path) - pixels(plain.path)).mean() > 1
    path = picture.save(studio, chosen, hints, "ann")
    assert picture.load(chosen, path) == hints
    assert json.loads(Path(path).read_text())["size"] == [300, 200]
    with pytest.raises(HintError, match="shape"):
        picture.load(replace(chosen, width=200), path)


def test_a_thing_in_hand_is_resized_brushed_and_painted(studio, chosen):
    plain = studio.analysis(chosen, "mobile", "ann")
    now = editing.take(Steering(), 150, 90)
    region = selection.region_of(plain, now)
    largest = selection.region_of(plain, editing.resize(now, 1))
    assert region.area < largest.area
    sent = {"points": [[0.05, 0.05], [0.2, 0.05]], "add": True}
    stroke = selection.stroke_of(sent, chosen)
    brushed = editing.brush(now, stroke)
    assert selection.region_of(plain, brushed).area > region.area
    alone = selection.region_of(plain, editing.brush(Steering(), stroke))
    assert 0 < alone.area < 0.1
    for wrong in (None, {}, {"points": []}, {"points": [[1]]}, {"points": [["a", 1]]}):
        assert selection.stroke_of(wrong, chosen) is None
    with pytest.raises(BadInput, match="thing first"):
        editing.brush(Steering(), replace(stroke, add=False))
    hint = selection.colored(region, "#2040c0", plain, Setting({"temperature": 0.4}))
    painted = editing.paint(now, "#2040c0", lambda color: hint)
    assert painted.hints == (hint,)
    assert painted.selection is None
    assert selection.outline_of(None, painted) == hint.outline
    assert selection.svg_path(hint.outline).startswith("M")
    recoloured = editing.paint(painted, "#c02040")
    assert recoloured.hints[0].outline == hint.outline
    assert editing.undo(editing.undo(recoloured)).hints == ()


def test_a_picked_colour_comes_out_as_it_was_picked(studio, chosen):
    """Vividness, saturation and warmth of the look are not applied to it once more."""
    setting = Setting({"vividness": 1.2}, saturation=1.6, warmth=0.5, strength=1.2)
    shown = picture.picture(studio, chosen, "mobile", setting, [], "ann")
    plain = studio.analysis(chosen, "mobile", "ann")
    picked = selection.pick_color(shown.path, 40, 150, chosen, plain, setting)
    image = Image.open(shown.path).convert("RGB")
    seen = image.getpixel((40 * image.width // chosen.width, 150 * image.height // chosen.height))
    looks = Hint(0, 0, picked.looks)
    assert looks.rgb() == pytest.approx(seen, abs=20)
    region = selection.region_of(plain, editing.take(Steering(), 150, 90))
    hint = selection.colored(region, picked.color, plain, setting)
    after = picture.picture(studio, chosen, "mobile", setting, [hint], "ann")
    again = selection.pick_color(
        after.path, 150, 90, chosen, studio.hinted(chosen, "mobile", [hint], "ann"), setting
    )
    once = np.linalg.norm(np.subtract(Hint(0, 0, again.looks).ab(), looks.ab()))
    assert once < 12


def test_the_endpoint_finds_things_and_takes_a_reference(studio, photo_file):
    path = str(photo_file("cup3.png", "coffee", side=300))
    other = str(photo_file("colour3.png", "coffee", grey=False, side=280))
    hints = [{"x": 150, "y": 90, "color": "#20a040", "region": wanted} for wanted in (True, 0.5)]
    for entry, reference in ((hints[0], None), (hints[1], other), (None, other)):
        given = None if entry is None else [entry]
        result = steer(studio, path, given, "mobile", Setting(), "bob", reference)
        assert Image.open(result).size == (300, 200)
    for wrong in ({**hints[0], "color": None}, {**hints[0], "x": None}, {**hints[0], "region": 7}):
        with pytest.raises(ValueError, match=r"\.$"):
            steer(studio, path, [wrong], "mobile", Setting(), "bob")
    with pytest.raises(ValueError, match="no colours of its own"):
        steer(studio, path, [], "mobile", Setting(), "bob", path)


def test_suggestions_differ_and_work_as_hints(studio, chosen):
    analysis = studio.analysis(chosen, "mobile", "ann")
    made = selection.suggestions(analysis, 150, 100)
    assert len(made) == selection.SUGGESTED
    assert [p for *_, p in made] == sorted((p for *_, p in made), reverse=True)
    points = [Hint(0, 0, color).ab() for color, _, _ in made]
    for i, one in enumerate(points):
        assert all(math.dist(one, other) > selection.APART - 3 for other in points[:i])


# --- Sample and Sweep ---------------------------------------------------------------------------


def test_more_like_this_keeps_a_sample_and_stays_near_it(studio, model, chosen):
    near = seeds.settings("mobile", 4, 0, {}, None, (3,))
    assert near[0] == Setting({}, 3)
    assert [s.around for s in near[1:]] == [(3,)] * 3
    analysis = studio.analysis(chosen, "mobile", "ann")
    far = [Setting({}, seed) for seed in (3, 11, 12, 13)]

    def spread(settings) -> float:
        return quality.diversity([quality.small_ab(render(analysis, s, 240)) for s in settings])

    assert 0.2 < spread(near) < 0.85 * spread(far)
    wanted = seeds.settings("mobile", 3, 0, {}, 1.0, (3,))
    session = Session("ann", chosen, "mobile", Memory())
    *_, (value, sheet, words) = grid.stream(studio, session, wanted)
    assert [t["title"] for t in value["tiles"]] == ["Seed 3", "Seed 1, near 3", "Seed 2, near 3"]
    assert "Around seed 3" in words
    assert sheet.settings[1].around == (3,)
    assert model.runs == 1


def test_variety_turns_temperature_and_correlation():
    usual = dict(get("mobile").sampling)["temperature"]
    little, some, much = (seeds.variety("mobile", name) for name in seeds.VARIETY)
    assert little[0] < some[0] == usual < much[0]
    assert little[1] > some[1] > much[1]


def test_all_samples_as_a_zip(studio, chosen):
    wanted = seeds.settings("mobile", 2, 5, {}, 1.0)
    session = Session("ann", chosen, "mobile", Memory())
    *_, (_, sheet, _) = grid.stream(studio, session, wanted)
    path = seeds.archive(studio, chosen, sheet, "ann")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names == ["cup-01-seed5.png", "cup-02-seed6.png"]
        with archive.open(names[1]) as file:
            image = Image.open(file)
            expected = render(studio.analysis(chosen, "mobile", "ann"), sheet.settings[1])
            assert np.array_equal(np.asarray(image), np.asarray(expected))


def test_any_two_knobs_are_axes_and_their_values_are_typed(studio, chosen):
    approach = get("mobile")
    made = knob_axes.settings("mobile", {"temperature": 0.3}, "vividness", "top_k", "0, 1", "5 All")
    assert [s.knobs for s in made] == [
        {"temperature": 0.3, "vividness": v, "top_k": k} for v in (0.0, 1.0) for k in (5, 313)
    ]
    pair = knob_axes.axes(approach, "vividness", "vividness")
    assert pair[0].name == "vividness" != pair[1].name
    session = Session("ann", chosen, "mobile", Memory())
    axes = ("vividness", "temperature", "0,1.5", "0.1")
    *_, (table, sheet) = sweep_sheet.stream(studio, session, {}, *axes)
    assert table["rows"][1]["title"] == "1.5"
    assert table["columns"] == ["0.1"]
    first, last = (pixels(row["cells"][0]["picture"]["path"]) for row in table["rows"])
    assert np.ptp(last, axis=2).mean() > np.ptp(first, axis=2).mean()
    assert len(sheet.settings) == 2


@pytest.mark.parametrize("text", ["fast", "0.5, 9", "1 2 3 4 5 6 7 8 9", "nan"])
def test_a_bad_value_of_an_axis_gets_a_sentence(text):
    with pytest.raises(BadInput, match=r"^Temperature .*\.$|^Temperature: .*\.$"):
        knob_axes.parse(get("mobile").knob("temperature"), text, 5)


def test_methods_without_two_knobs_say_so():
    knob = Knob("temperature", "Temperature", "", 0, 1, 0.1, 0.5)
    for knobs, words in (((), "no knobs"), ((knob,), "one knob")):
        approach = Approach("bare", "Bare", "", "", "", "none", knobs=knobs)
        assert knob_axes.axes(approach) is None
        assert words in sweep_sheet.note(approach)
    bare = Approach("bare", "Bare", "", "", "", "none")
    assert "no probabilities" in inspect_tab.note(bare)
    assert "no colour hints" in steer_view.note(bare)


# --- bounded memory, endpoints ------------------------------------------------------------------


def test_analyses_of_all_visitors_are_bounded(model, tmp_path, photo_file):
    studio = Studio(Settings(kept_analyses=2), tmp_path / "files", lambda _: model)
    path = photo_file(side=100)
    opened = [(studio.open(path, f"visitor {i}"), f"visitor {i}") for i in range(4)]
    for chosen, visitor in opened:
        studio.analysis(chosen, "mobile", visitor)
    assert model.runs == 4
    for chosen, visitor in opened[2:]:  # the latest two are kept
        studio.analysis(chosen, "mobile", visitor)
    assert model.runs == 4
    for runs, (chosen, visitor) in enumerate(opened[:2], 5):
        studio.analysis(chosen, "mobile", visitor)
        assert model.runs == runs


def test_endpoint_handlers_need_no_server(studio, chosen, photo_file):
    path = str(photo_file("cup2.png", "coffee", grey=False, side=300))
    pictures, known = compare(studio, path, ["mobile"], 1.0, "bob")
    assert known[0]["approach"] == "mobile"
    assert known[0]["psnr"] > 5
    assert chroma(pictures[0][0]) > 2
    reading, plane_file, unsure = inspect(studio, path, (150, 100), "mobile", Setting(), "bob")
    assert len(reading["colors"]) == 5
    assert Image.open(plane_file).size == (560, 560)
    assert Image.open(unsure).size == (300, 200)
    hints = [{"x": 150, "y": 100, "color": "#20a040"}]
    result = steer(studio, path, hints, "mobile", Setting(), "bob")
    assert Image.open(result).size == (300, 200)
    for wrong in ("/etc/passwd", 3, None, {"format": "x"}, [{"x": 1}], [{"x": 999, "y": 1,
                                                                       "color": "#000000"}]):  # fmt: skip
        with pytest.raises(ValueError, match=r"\.$"):
            steer(studio, path, wrong, "mobile", Setting(), "bob")
    with pytest.raises(ValueError, match="outside"):
        inspect(studio, path, (999, 0), "mobile", Setting(), "bob")


# --- the viewer -----------------------------------------------------------------------------------


def test_a_part_is_cut_out_of_the_whole(studio, chosen):
    box = crops.box_of({"left": -5.2, "top": 10, "right": 90.4, "bottom": 55}, chosen)
    assert box == (0, 10, 90, 55)
    setting = Setting({"temperature": 0.3})
    whole = render(studio.analysis(chosen, "mobile", "ann"), setting)
    analysis = studio.analysis(chosen, "mobile", "ann")
    assert np.array_equal(
        np.asarray(rendering(analysis, setting).part(*box)), np.asarray(whole.crop(box))
    )
    made = pixels(crops.in_color(studio, chosen, "mobile", setting, "ann", box))
    assert np.abs(made - np.asarray(whole.crop(box), dtype=int)).mean() < 3
    grey, original = (
        pixels(crops.as_it_came(studio, chosen, "ann", box, original=own)) for own in (False, True)
    )
    assert grey.shape == original.shape == made.shape
    assert np.abs(grey.max(axis=2) - grey.min(axis=2)).max() <= 2
    assert np.abs(original.max(axis=2) - original.min(axis=2)).mean() > 10


@pytest.mark.parametrize(
    "data",
    [None, "x", {}, {"left": 0, "top": 0, "right": 0, "bottom": 9},
     {"left": 0, "top": 0, "right": "9", "bottom": 9},
     {"left": float("nan"), "top": 0, "right": 9, "bottom": 9}],
)  # fmt: skip
def test_only_a_part_of_the_photograph_can_be_asked_for(chosen, data):
    assert crops.box_of(data, chosen) is None
