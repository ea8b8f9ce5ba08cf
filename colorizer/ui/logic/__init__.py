"""The logic behind the tabs: plain functions and values.  Nothing here imports Gradio."""
