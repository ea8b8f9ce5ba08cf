"""The work behind the page, which imports no Gradio: photographs, settings, pictures, files."""
