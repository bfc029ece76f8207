"""``python -m remission`` is the same as ``remission``."""

from remission.cli import main

main()
