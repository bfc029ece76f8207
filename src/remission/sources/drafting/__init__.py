"""Drafting a mapping: what a centre's columns most probably are, how sure that is, and why."""
