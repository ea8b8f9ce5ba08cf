"""Averages of two trainings' weights."""

import pytest
import torch

import colorizer
from colorizer import checkpoints
from train import average


def test_the_average_lies_between_and_says_so(tmp_path):
    config, state = checkpoints.load_weights(checkpoints.find("mobile"))
    later = {k: v + 1 if v.is_floating_point() else v + 7 for k, v in state.items()}
    checkpoints.save_weights(tmp_path / "later", config | {"steps": 99}, later, torch.float32)
    output = tmp_path / "mean"
    average.main(["mobile", str(tmp_path / "later"), "--share", "0.25", "--output", str(output)])
    kept, mean = checkpoints.load_weights(output)
    assert mean.keys() == state.keys()
    for key in mean:
        value = state[key]
        expected = value + (0.25 if value.is_floating_point() else 7)
        torch.testing.assert_close(mean[key], expected, rtol=1e-3, atol=2e-3)
    assert kept["steps"] == 99
    assert "0.25 of the last stage's and 0.75" in kept["notes"][-1]
    colorizer.load(str(output))


def test_what_cannot_be_averaged_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="different networks"):
        average.average({"a": torch.zeros(2)}, {"a": torch.zeros(3)}, 0.5)
    with pytest.raises(SystemExit, match="none"):
        average.main(["mobile", str(tmp_path / "none"), "--output", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as refused:
        average.main(["mobile", "mobile", "--share", "2", "--output", str(tmp_path / "out")])
    assert refused.value.code
    assert not (tmp_path / "out").exists()
