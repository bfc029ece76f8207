"""Tables: one file a kind; Results in, parts out."""
