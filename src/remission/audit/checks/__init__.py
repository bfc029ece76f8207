"""One file a kind of claim: what can be recomputed, and what that says."""
