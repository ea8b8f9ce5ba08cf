"""Many photographs at once: one machine's processes, or a cluster by Ray Data."""
