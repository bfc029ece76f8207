"""The look of every figure: palette, dashes and fonts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INK, SOFT, PAPER, WARNING = "#1c1c1a", "#5c5c58", "#ffffff", "#7c4307"
PALETTE = ("#0b5394", "#b45309", "#4d7c4d", "#7b3f75", "#5c5c58")
DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 1.6), (7, 2, 1.5, 2), (1, 1.2))
BAND = 0.10
PALE = 0.35
PNG_DPI = 300
DOT = 72 / PNG_DPI
"""A dot of a PNG, in points."""

_FONT = "DejaVu Sans"
_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans",
    "Malgun Gothic", "Noto Sans Devanagari", "Arial Unicode MS")
"""Fonts for letters that the first font lacks, used where they are installed."""

_SETTINGS: dict[Any, Any] = {
    # At 300 dots an inch letters keep the shapes of their font; to fit them to dots takes longer.
    "text.hinting": "none",
}


@contextmanager
def settings() -> Iterator[None]:
    """Put the settings of the figures in force, whatever the caller's are, and put those back."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that no installed font has is a box in the PNG; the page has the reader's fonts.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS | {"font.family": _fonts()})
        yield


def painter(width: int, height: int, dots: float) -> Any:
    """Return what paints pictures of a size in dots, ``dots`` an inch, and measures letters."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(width, height, dots)  # type: ignore[no-untyped-call]  # it has no types


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [_FONT, *(font for font in _OTHER_SCRIPTS if font in installed)]


def colour_of(position: int) -> str:
    """Return the colour of the nth group."""
    return PALETTE[position % len(PALETTE)]


def dash_of(position: int) -> tuple[float, ...]:
    """Return the dash pattern of the nth group.

    Where the colours come round again the dashes are shifted, so that colour and dash together
    tell 25 groups apart.
    """
    return DASHES[(position + 2 * (position // len(PALETTE))) % len(DASHES)]
