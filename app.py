"""The page.  ``python app.py`` serves it on 127.0.0.1:7860.

``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` change the address; ``colorizer/ui/settings.py``
lists the limits that ``COLORIZER_…`` variables change.
"""

import os

# Before Gradio is imported: nothing is sent anywhere, and nothing is asked of the network.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from colorizer.ui import page
from colorizer.ui.settings import BadSetting, Settings

try:
    settings = Settings.from_environment()
except BadSetting as error:
    raise SystemExit(str(error)) from None
demo = page.build(settings)

if __name__ == "__main__":
    demo.launch(**page.launch_options(settings))
