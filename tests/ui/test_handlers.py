"""The page's handlers as plain functions over the library: no browser, no server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from colorizer import checkpoints
from colorizer.approaches import Approach, Knob, get
from colorizer.approaches.looks import looks
from colorizer.images.photo import PhotoError
from colorizer.ui import api, events, theme
from colorizer.ui.backend import address, download, knob_values
from colorizer.ui.backend.memory import Memory
from colorizer.ui.backend.setting import Setting, changed, render
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server.settings import BadSetting, Settings
from colorizer.ui.sidebar import examples
from colorizer.ui.tabs.colorize import preview
from colorizer.ui.tabs.colorize.caption import caption
from colorizer.ui.tabs.colorize.endpoint import colorize
from colorizer.ui.tabs.colorize.look_strip import setting_of, shown_look
from colorizer.ui.tabs.sample import grid, seeds
from colorizer.ui.tabs.sample.endpoint import sample
from colorizer.ui.tabs.shared import Session
from colorizer.ui.tabs.sweep import sheet as sweep_sheet
from colorizer.ui.widgets import knobs, tiles
from tests.conftest import ROOT
from tests.support.pictures import Counted, chroma
from tests.support.texts import UI


@pytest.fixture
def model(mobile) -> Counted:
    return Counted(mobile)


@pytest.fixture
def studio(model, tmp_path) -> Studio:
    return Studio(Settings(photos_per_visitor=2), tmp_path / "files", lambda key: model)


# --- settings ---------------------------------------------------------------------------------


def test_limits_come_from_the_environment():
    assert Settings.from_environment({}) == Settings()
    changed = Settings.from_environment({"COLORIZER_MAX_MEGAPIXELS": "25", "OTHER": "x"})
    assert changed == Settings(max_megapixels=25)


@pytest.mark.parametrize("text", ["0", "-3", "many", "1.5"])
def test_a_bad_limit_is_told(text):
    with pytest.raises(BadSetting, match="COLORIZER_QUEUE_LENGTH"):
        Settings.from_environment({"COLORIZER_QUEUE_LENGTH": text})


# --- the studio ---------------------------------------------------------------------------------


def test_the_network_runs_once_for_a_photograph(studio, model, photo_file):
    chosen = studio.open(photo_file(), "ann")
    assert (chosen.name, chosen.width, chosen.height) == ("chelsea", 451, 300)
    first = studio.analysis(chosen, "mobile", "ann")
    again = studio.open(photo_file("copy.png"), "ann")  # the same content under another name
    assert studio.analysis(again, "mobile", "ann") is first
    assert model.runs == 1


def test_visitors_have_nothing_in_common(studio, model, photo_file):
    chosen = studio.open(photo_file(), "ann")
    hers = studio.analysis(chosen, "mobile", "ann")
    his = studio.analysis(studio.open(photo_file(), "bob"), "mobile", "bob")
    assert his is not hers
    assert model.runs == 2
    studio.forget("ann")
    assert studio.analysis(chosen, "mobile", "bob") is his
    assert studio.analysis(chosen, "mobile", "ann") is not hers


def test_who_leaves_while_an_event_is_at_work_is_forgotten_after_it(studio, photo_file):
    chosen = studio.open(photo_file(), "ann")
    with studio.serving("ann"):
        with studio.serving("ann"):
            studio.forget("ann")
            studio.analysis(chosen, "mobile", "ann")  # opens it anew, for nobody
        assert studio.visitors() == {"ann"}
    assert not studio.visitors()
    with studio.serving("ann"):  # a telephone that was asleep
        studio.analysis(chosen, "mobile", "ann")
    assert studio.visitors() == {"ann"}


def test_the_least_recently_used_photograph_goes_first(studio, model, photo_file):
    first, second, third = (
        studio.open(photo_file(f"{name}.png", name, side=200), "ann")
        for name in ("chelsea", "coffee", "rocket")
    )
    for chosen in (second, third, second, third):
        studio.analysis(chosen, "mobile", "ann")
    assert model.runs == 2
    studio.analysis(first, "mobile", "ann")  # read again from its file
    assert model.runs == 3
    studio.analysis(third, "mobile", "ann")
    assert model.runs == 3
    studio.analysis(second, "mobile", "ann")
    assert model.runs == 4


def test_all_visitors_together_are_bounded(model, tmp_path, photo_file):
    studio = Studio(Settings(kept_photos=3), tmp_path / "files", lambda key: model)
    path = photo_file(side=100)
    for i in range(6):
        studio.analysis(studio.open(path, f"visitor {i}"), "mobile", f"visitor {i}")
    assert len(studio.visitors()) == 3
    studio = Studio(Settings(kept_megapixels=1), tmp_path / "more", lambda key: model)
    path = photo_file("large.png", "astronaut")  # a quarter of a megapixel
    for i in range(6):
        studio.open(path, f"visitor {i}")
    assert len(studio.visitors()) == 3


def test_a_photograph_whose_file_is_gone_gets_a_sentence(studio, photo_file):
    path = photo_file()
    chosen = studio.open(path, "ann")
    path.unlink()
    studio.analysis(chosen, "mobile", "ann")  # still kept
    studio.forget("ann")
    with pytest.raises(PhotoError, match="open it again"):
        studio.analysis(chosen, "mobile", "ann")


def test_a_file_over_the_limit_is_refused(model, tmp_path, photo_file):
    studio = Studio(Settings(max_file_mb=1), tmp_path / "files", lambda key: model)
    path = tmp_path / "large.png"
    path.write_bytes(photo_file().read_bytes() + b"\0" * 2**20)
    with pytest.raises(PhotoError, match="larger than 1 MB"):
        studio.open(path, "ann")
    studio = Studio(Settings(max_megapixels=1), tmp_path / "files", lambda key: model)
    big = tmp_path / "wide.png"
    Image.new("L", (1200, 1000)).save(big)
    with pytest.raises(PhotoError):
        studio.open(big, "ann")


def test_picture_files_are_bounded_and_lossless(studio, photographs):
    image = Image.fromarray(photographs["chelsea"])
    paths = [studio.files.write(image, "preview", "ann", "cat") for _ in range(20)]
    left = sorted(studio.files.folder.rglob("*.png"))
    assert {str(path) for path in left} == set(paths[-8:])
    assert len({path.parent for path in left}) == 8
    assert np.array_equal(np.asarray(Image.open(paths[-1])), photographs["chelsea"])


# --- knobs ----------------------------------------------------------------------------------------

SLIDER = Knob("temperature", "Temperature", "", 0.05, 1.5, 0.01, 0.6)
STEPS = Knob("top_k", "Top-k", "", 1, 313, 1, None)
BARE = Approach("bare", "Bare", "", "", "", "none")
BOTH = Approach("both", "Both", "", "", "", "none", knobs=(SLIDER, STEPS))


def test_knobs_are_read_as_the_approach_has_them():
    assert knob_values.names([BARE, BOTH]) == ["temperature", "top_k"]
    for approach, held, read in (
        (BARE, (0.3, "20"), {}),
        (BOTH, (0.3, "20"), {"temperature": 0.3, "top_k": 20}),
        (BOTH, (9, "All"), {"temperature": 1.5, "top_k": 313}),
        (BOTH, (None, None), {"temperature": 0.6, "top_k": None}),
    ):
        assert (
            knob_values.read(approach, dict(zip(knob_values.names([BOTH]), held, strict=True)))
            == read
        )


def test_a_knob_shows_what_was_read():
    assert [knob_values.shown(STEPS, v) for v in (None, 313, 20)] == ["All", "All", "20"]
    assert [knob_values.shown(SLIDER, v) for v in (None, 0.2)] == [0.6, 0.2]
    assert knob_values.steps(STEPS) == [1, 2, 5, 10, 20, 50]
    values = knob_values.spread(SLIDER, 5)
    assert values == sorted(values)
    assert (values[0], values[2], values[-1]) == (0.05, 0.6, 1.5)
    assert knob_values.spread(STEPS, 4) == [1, 5, 20, 313]


def test_controls_that_an_approach_lacks_are_hidden():
    controls = {"temperature": "slider", "top_k": "steps"}
    shown = knobs.updates(BARE, controls)
    assert [update["visible"] for update in shown.values()] == [False, False]
    shown = knobs.updates(BOTH, controls, {"top_k": 7})
    assert [update["value"] for update in shown.values()] == [0.6, "7"]
    assert "7" in shown["steps"]["choices"]


# --- tabs -----------------------------------------------------------------------------------------


def test_colorize_makes_grey_and_colour_of_one_size(studio, photo_file):
    path = photo_file("large.jpg", "astronaut")
    Image.open(path).resize((1600, 1400)).save(path)
    chosen = studio.open(path, "ann")
    paths, _ = preview.pair(studio, chosen, "mobile", Setting(), "ann")
    grey, color = (Image.open(path) for path in paths)
    assert grey.size == color.size == (1280, 1120)
    assert (grey.format, color.format) == ("PNG", "PNG")
    assert chroma(grey) == 0
    assert chroma(color) > 2


def test_the_download_is_lossless_and_says_what_it_is(studio, photo_file):
    chosen = studio.open(photo_file("Aunt <b>Ida.png", "coffee"), "ann")
    setting = preview.setting(
        "mobile", preview.SAMPLE, 3, ((), None), {"temperature": 0.5, "strength": 1.2}
    )
    assert setting == Setting({"temperature": 0.5}, 3, 1.2)
    path = download.download(studio, chosen, "mobile", setting, "ann")
    assert path.endswith("Aunt <b>Ida-color.png")
    expected = render(studio.analysis(chosen, "mobile", "ann"), setting)
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(expected))
    words = caption(chosen, get("mobile"), setting)
    assert "<b>" not in words
    assert "seed 3" in words
    assert "guess" in words


def test_samples_stream_with_their_seeds(studio, model, photo_file):
    chosen = studio.open(photo_file(), "ann")
    wanted = seeds.settings("mobile", 3, 5, {"temperature": 0.9})
    steps = list(grid.stream(studio, Session("ann", chosen, "mobile", Memory()), wanted))
    counts = [sum(t["picture"] is not None for t in value["tiles"]) for value, _, _ in steps]
    assert counts == [0, 1, 2, 3]
    value, sheet, facts = steps[-1]
    assert "Diversity" in facts
    assert [tile["title"] for tile in value["tiles"]] == ["Seed 5", "Seed 6", "Seed 7"]
    assert [setting.seed for setting in sheet.settings] == [5, 6, 7]
    shown = Image.open(value["tiles"][1]["picture"]["path"])
    again = studio.analysis(chosen, "mobile", "ann").sample_one(6, temperature=0.9)
    assert np.array_equal(np.asarray(shown), np.asarray(again))
    assert model.runs == 1


def test_a_sweep_is_labelled_and_runs_the_network_once(studio, model, photo_file):
    chosen = studio.open(photo_file(side=200), "ann")
    session = Session("ann", chosen, "mobile", Memory())
    *_, (table, sheet) = sweep_sheet.stream(studio, session, {"vividness": 1.0})
    assert len(sheet.settings) == 20
    assert table["columns"][-1] == "All"
    assert [len(row["cells"]) for row in table["rows"]] == [4] * 5
    default = f"{get('mobile').knob('temperature').default:g}"
    assert table["rows"][2]["title"] == default
    assert all(setting.knobs["vividness"] == 1.0 for setting in sheet.settings)
    cell = table["rows"][2]["cells"][3]
    assert f"temperature {default}, top-k All" in cell["alt"]
    shown = np.asarray(Image.open(cell["picture"]["path"]))
    best = studio.analysis(chosen, "mobile", "ann").colorize(vividness=1.0, max_side=320)
    assert np.array_equal(shown, np.asarray(best))
    assert model.runs == 1


def test_nothing_is_sampled_or_swept_without_a_photograph(studio):
    nobody = Session("ann", None, "mobile", Memory())
    wanted = seeds.settings("mobile", 4, 0, {})
    assert list(grid.stream(studio, nobody, wanted)) == [(None, None, "")]
    assert list(sweep_sheet.stream(studio, nobody, {})) == [(None, None)]


def test_only_a_tile_of_the_grid_can_be_chosen():
    events = [{"index": 2}, {"index": 4}, {"index": -1}, {"index": "/etc/passwd"}, "x", {}]
    found = [tiles.chosen_index(data, 4) for data in events]
    assert found == [2, None, None, None, None, None]


def test_an_expected_error_becomes_a_notice_and_leaves_the_outputs():
    def fails():
        raise PhotoError("It is <broken>.")

    def streams():
        yield 1
        raise PhotoError("It is broken.")

    with pytest.warns(UserWarning, match="It is &lt;broken&gt;."):
        assert events.spoken(fails)() == gr.skip()
    with pytest.warns(UserWarning, match="It is broken."):
        assert list(events.spoken(streams)()) == [1, gr.skip()]


def test_the_examples_are_grey_and_need_no_network(tmp_path):
    written = examples.write(tmp_path)
    assert len(written) >= 4
    assert all(Image.open(example.path).mode == "L" for example in written)
    for example in written:
        assert max(Image.open(example.thumbnail).size) == examples.THUMBNAIL
        assert Path(example.thumbnail).stat().st_size < 16_000


def test_api_handlers_need_no_server(studio, photo_file):
    path = str(photo_file(side=200))
    result = colorize(studio, path, "mobile", Setting({"temperature": 0.3}), "ann")
    assert Image.open(result).size == (200, 133)
    pictures = sample(studio, path, "mobile", 2, Setting(seed=0), "ann")
    assert [caption for _, caption in pictures] == ["seed 0", "seed 1"]
    with pytest.raises(ValueError, match="no photograph"):
        colorize(studio, None, "mobile", Setting(), "ann")
    with pytest.raises(ValueError, match="Temperature"):
        api.check_knobs("mobile", temperature=-1)
    assert events.visitor(SimpleNamespace(session_hash="abc")) == "abc"


def test_every_step_can_be_undone_and_redone():
    first, second = Setting({"temperature": 0.2}), Setting({"temperature": 0.2}, warmth=0.4)
    memory = Memory().step("mobile", Setting()).step("mobile", first).step("mobile", second)
    # Turning the same knob further is the same step.
    further = memory.step("mobile", Setting({"temperature": 0.2}, warmth=0.6))
    assert further.undo()["mobile"] == first
    other = further.step("colorful", Setting())
    assert (other.undo().key, other.undo().redo().key) == ("mobile", "colorful")
    back = further.undo().undo()
    assert back["mobile"] == Setting()
    assert back.undo() is back
    assert back.redo().redo()["mobile"].warmth == 0.6
    assert back.step("mobile", second).redo()["mobile"] == second  # a new step ends the old way


def test_another_photograph_starts_from_the_defaults_unless_they_are_pinned():
    setting = Setting({"temperature": 0.05}, seed=3)
    memory = Memory().step("mobile", Setting()).step("mobile", setting)
    assert memory.fresh(pinned=False)["mobile"] == Setting()
    kept = memory.fresh(pinned=True)
    assert kept["mobile"] == Setting({"temperature": 0.05})
    assert not kept.past


@pytest.mark.parametrize("approach", checkpoints.shipped(), ids=lambda a: a.key)
def test_every_look_comes_back_from_its_address(approach):
    known = {approach.key: approach}
    for look in looks(approach):
        setting = setting_of(look, approach)
        query = dict(parse_qsl(address.write(approach, setting)))
        key, found = address.read(query, known)
        assert key == approach.key
        assert shown_look(approach, found) is look
        assert (
            bool(changed(approach, setting)) == (bool(look.values) or len(query) > 1) or look.seed
        )
    assert address.read({"method": "nothing"}, known) is None
    odd = {"method": approach.key, "warmth": "hot", "saturation": "99", "seed": "-1"}
    assert address.read(odd, known) == (approach.key, Setting())


def test_a_photograph_is_found_again_with_its_token_alone(studio, photo_file):
    path = photo_file()
    token = studio.token(studio.open(path, "ann"))
    assert studio.path_of(token) == path
    assert studio.path_of(token[:-1]) is None
    path.unlink()
    assert studio.path_of(token) is None


@pytest.mark.process
def test_what_says_so_imports_no_gradio():
    program = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
assert "gradio" not in sys.modules
"""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "colorizer" / "ui").rglob("*.py")
        if "backend" in path.parts or "othing here imports Gradio" in path.read_text("utf-8")
    ]
    assert len(names) > 12
    subprocess.run([sys.executable, "-c", program, *names], check=True, cwd=ROOT)


def test_every_kind_of_knob_that_was_turned_is_told_in_words():
    setting = Setting({"temperature": 0.05, "top_k": 20})
    assert changed(get("mobile"), setting) == ["temperature 0.05", "top-k 20"]
    held_off = Setting({"top_k": 5}, seed=3)
    assert changed(get("mobile"), held_off) == ["top-k 5"]


def test_every_style_sheet_and_script_is_on_the_page():
    head = theme.head()
    files = [path for kind in ("*.css", "*.js") for path in UI.rglob(kind)]
    own = [path for path in files if "lite" not in path.relative_to(UI).parts]
    assert {path.parent.name for path in own} > {"theme", "steer", "about"}
    for path in own:
        assert path.read_text(encoding="utf-8") in head, path
