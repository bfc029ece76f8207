"""Figures: one file a kind; a figure part in, a drawing out."""
