"""Rows of results as data, and metrics.json."""

import pytest

from train.evaluation import results
from train.evaluation.results import DEFAULT, RowKey

ROWS = {
    results.GREY: {"psnr": 20.0},
    RowKey("mobile", DEFAULT): {"psnr": 22.0},
    RowKey("mobile", results.TOP_5): {"psnr": 21.0},
    RowKey("mobile", samples=4): {"best_of_n_error": 9.0},
    RowKey("mobile", samples=4, control=True): {"best_of_n_error": 11.0},
    RowKey("reconstruction-rgb", minus="reconstruction-lab"): {"psnr": -3.0},
}


def test_a_table_survives_json():
    records = results.to_records(ROWS)
    assert records[0] == {"subject": "grey", "metrics": {"psnr": 20.0}}
    assert results.from_records(records) == ROWS


def test_titles_are_for_people_and_differ():
    titles = [key.title for key in ROWS]
    assert titles == [
        "grey",
        "mobile, default",
        "mobile, top-k 5, T = 1",
        "mobile, best of 4",
        "mobile, best of 4: control",
        "reconstruction-rgb less reconstruction-lab",
    ]
    assert [key.is_baseline for key in ROWS] == [True, *[False] * 5]


def test_a_comma_in_a_name_is_part_of_the_name(tmp_path):
    rows = {RowKey("run, the second", DEFAULT): {"psnr": 1.0}}
    results.record(tmp_path, "few", {"photographs": 3}, rows)
    assert results.load(tmp_path)["few"]["rows"] == rows


@pytest.mark.parametrize(("keep", "stays"), [(["earlier"], True), ([], False)])
def test_rows_of_trainings_beside_it_stay_where_that_is_asked_for(tmp_path, keep, stays):
    earlier = RowKey("earlier", DEFAULT)
    about = {"seen": {"earlier": 9}}
    results.record(tmp_path, "few", about, {earlier: {"psnr": 1.0}, results.GREY: {"psnr": 2.0}})
    results.record(tmp_path, "few", {}, {RowKey("mobile", DEFAULT): {"psnr": 3.0}}, keep)
    found = results.load(tmp_path)["few"]
    assert (earlier in found["rows"]) is stays
    assert results.GREY not in found["rows"]
    assert found["about"].get("seen", {}) == (about["seen"] if stays else {})
