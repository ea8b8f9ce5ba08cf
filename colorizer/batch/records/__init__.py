"""Records of every photograph: identities, the table of results, the lock of a run."""
