"""The page on a ZeroGPU Space, which refuses to start without a marked function."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.process
def test_app_marks_a_function_where_there_is_spaces(tmp_path):
    code = "def GPU(function):\n    print('marked', function.__name__)\n    return function\n"
    (tmp_path / "spaces.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "GRADIO_TEMP_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "marked card" in done.stdout
