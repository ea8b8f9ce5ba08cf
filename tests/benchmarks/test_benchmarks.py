"""The benchmarks' parts that can go wrong without anyone looking."""

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import common, inference, measured
from colorizer import checkpoints


def test_tables_land_between_their_markers_alone(tmp_path):
    begin, end = benchmarks.markers("page")
    text = f"before\n{begin}\nold\n{end}\nafter"
    assert benchmarks.put(text, "page", "\n| new |\n") == (
        f"before\n{begin}\n\n| new |\n\n{end}\nafter"
    )
    with pytest.raises(ValueError, match="no markers"):
        benchmarks.put(text, "training", "")


def test_every_benchmark_has_a_place_on_its_page():
    for name in (*benchmarks.NAMES, *benchmarks.PAGES):
        text = benchmarks.PAGES.get(name, benchmarks.PAGE).read_text(encoding="utf-8")
        begin, end = benchmarks.markers(name)
        assert text.index(begin) < text.index(end)


def test_a_benchmark_that_does_not_exist_is_one_sentence(capsys):
    with pytest.raises(SystemExit) as failed:
        benchmarks.main(["speed"])
    assert failed.value.code
    assert "there is no benchmark called 'speed'" in capsys.readouterr().err


@pytest.mark.slow  # all approaches, loaded and run
def test_every_shipped_approach_has_its_line():
    found = inference.networks(size=64, runs=1)
    lines = inference.table_of_networks(found, 64).splitlines()
    assert len(lines) == 3 + len(checkpoints.shipped())
    for entry, line in zip(checkpoints.shipped(), lines[3:], strict=True):
        assert line.startswith(f"| `{entry.key}` |")
        assert line.count("|") == 8
        assert found[entry.key].keys() == measured.load()[entry.key].keys()


@pytest.mark.process
def test_a_process_of_its_own_answers_in_json():
    code = "import json, sys; print('loading'); print(json.dumps([2 * float(sys.argv[1])]))"
    seconds, found = common.in_a_process(code, 1.5)
    assert found == [3.0]
    assert seconds > 0
