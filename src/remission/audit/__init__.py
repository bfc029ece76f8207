"""Are printed numbers true: claims, checks, the search for what would reconcile, verdicts."""
