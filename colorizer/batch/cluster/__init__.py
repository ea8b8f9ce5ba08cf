"""Units of work and the Ray Data pool that does them."""
