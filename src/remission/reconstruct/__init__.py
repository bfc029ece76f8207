"""Virtual children whose study prints the numbers of a paper, as far as these can be true at once.

What is found here are not patients. It shows which records the printed numbers allow, and which
of the numbers no records can print together.
"""
