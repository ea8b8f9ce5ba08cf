"""One file a tab of the page; its own style, where it has one, lies beside it."""
