"""What is behind the tabs: plain functions and values.  Nothing here imports Gradio."""
