"""Engines fold record batches into summaries; all of them call the same kernel."""
