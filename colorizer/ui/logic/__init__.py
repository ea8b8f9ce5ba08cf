"""Work behind the tabs: plain functions and values."""
