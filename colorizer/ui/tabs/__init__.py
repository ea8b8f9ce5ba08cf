"""The tabs of the page, and their base class; what is behind a tab and its style lie beside it."""
