"""The page.  ``python app.py`` serves it on 127.0.0.1:7860, as ``colorizer serve`` does.

``python app.py --study FOLDER`` takes the colour photographs of a folder for *Real or fake?*.
"""

from colorizer.cli import serve
from colorizer.errors import ColorizerError

# Imported by something else, such as `gradio app.py`: the command line is not ours.
options = serve.parse(None if __name__ == "__main__" else [])
try:
    demo, launch = serve.build(options)
except ColorizerError as error:
    raise SystemExit(str(error)) from None

if __name__ == "__main__":
    demo.launch(**launch)
