"""The page.  ``python app.py`` serves it on 127.0.0.1:7860.

``python app.py --study FOLDER`` takes the colour photographs of a folder for *Real or fake?*.

``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` change the address; ``colorizer/ui/server/settings.py``
lists the limits that ``COLORIZER_…`` variables change.
"""

import argparse
import os
import tempfile

# Before Gradio is imported: nothing is sent anywhere, and nothing is asked of the network.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# A cache of its own, which can be swept without touching other programs' files.
os.environ.setdefault(
    "GRADIO_TEMP_DIR",
    os.path.join(tempfile.gettempdir(), f"colorizer-{getattr(os, 'getuid', lambda: 'page')()}"),
)

from colorizer.study import StudyError
from colorizer.ui import page
from colorizer.ui.logic import visit
from colorizer.ui.server import zerogpu  # noqa: F401 - zero: for ZeroGPU Spaces
from colorizer.ui.server.settings import BadSetting, Settings

parser = argparse.ArgumentParser(description="Serves the page.", allow_abbrev=False)
parser.add_argument("--study", metavar="FOLDER", help="colour photographs for Real or fake?")
# Imported by something else, such as `gradio app.py`: the command line is not ours.
options = parser.parse_args(None if __name__ == "__main__" else [])
try:
    settings = Settings.from_environment()
    demo = page.build(settings, photographs=visit.pool(options.study))
except (BadSetting, StudyError) as error:
    raise SystemExit(str(error)) from None

if __name__ == "__main__":
    demo.launch(**page.launch_options(settings))
