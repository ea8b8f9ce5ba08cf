"""Parts of tabs: picture grids, a photograph to point at, controls of knobs."""
