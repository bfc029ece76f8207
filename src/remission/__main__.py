"""``python -m remission`` is the same as ``remission``."""

from remission.cli import main

if __name__ == "__main__":
    main()
