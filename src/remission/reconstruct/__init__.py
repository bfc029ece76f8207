"""Records that print what a paper prints: facts by constraints, values by search, tables."""
