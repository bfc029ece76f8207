"""The look of every figure: palette, dashes, fonts, and how files are written."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from typing import Any

INK, SOFT, PAPER, WARNING = "#1c1c1a", "#5c5c58", "#ffffff", "#7c4307"
PALETTE = ("#0b5394", "#b45309", "#4d7c4d", "#7b3f75", "#5c5c58")
DASHES: tuple[Any, ...] = (
    "solid", (0, (6, 2)), (0, (2, 1.6)), (0, (7, 2, 1.5, 2)), (0, (1, 1.2)))
BAND = 0.10
PALE = 0.35
PNG_DPI = 300

_FONT = "DejaVu Sans"
_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans",
    "Malgun Gothic", "Noto Sans Devanagari", "Arial Unicode MS")
"""Fonts for letters that the first font lacks, used where they are installed."""

_SETTINGS: dict[Any, Any] = {
    "font.size": 9,
    "text.parse_math": False,
    # At 300 dots an inch letters keep the shapes of their font; to fit them to dots takes longer.
    "text.hinting": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "remission",
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "axes.linewidth": 0.8,
}

_WEB_FONTS = "ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"


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


def new_figure(width: float, height: float) -> Any:
    """Return an empty figure of a size in points."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width / 72, height / 72), facecolor=PAPER)


def as_svg(figure: Any) -> str:
    """Return the figure as SVG text without a date, so that the same figure is the same bytes.

    A text with a label of its own (its full words, where it is shortened) gets it as title.
    """
    from matplotlib.text import Text

    buffer = io.StringIO()
    with settings():
        figure.savefig(buffer, format="svg", facecolor="none",
                       metadata={"Date": None, "Creator": None})
    svg = re.sub(r"(?<=font-family: )[^;]*", _WEB_FONTS, buffer.getvalue())
    for text in figure.findobj(Text):
        if text.get_label():
            head = f'<g id="{text.get_gid()}">'
            svg = svg.replace(head, f"{head}<title>{escape(text.get_label())}</title>")
    return svg


def as_png(figure: Any) -> bytes:
    """Return the figure as PNG at 300 dots an inch, without metadata."""
    from remission.report.figures.png import png_of

    with settings():
        figure.dpi = PNG_DPI
        canvas = _canvas(*(int(dots) for dots in figure.bbox.size))
        canvas.clear()
        figure.draw(canvas)
    return png_of(canvas.buffer_rgba(), PNG_DPI)


@lru_cache(maxsize=1)
def _canvas(width: int, height: int) -> Any:
    """Return what figures of a size are painted on, one after the other."""
    return painter(width, height, PNG_DPI)


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


def dash_of(position: int) -> Any:
    """Return the dash pattern of the nth group.

    Where the colours come round again the dashes are shifted, so that colour and dash together
    tell 25 groups apart.
    """
    return DASHES[(position + 2 * (position // len(PALETTE))) % len(DASHES)]
