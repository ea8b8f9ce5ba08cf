"""Parts of tabs: picture grids, a photograph to point at, knobs, model cards, small figures."""
