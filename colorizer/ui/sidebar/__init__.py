"""The column beside the tabs: the photograph, the examples and the method."""
