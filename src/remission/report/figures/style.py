"""The look of every figure: palette, dashes, fonts, and how files are written."""

from __future__ import annotations

import io
from typing import Any

INK, SOFT, HAIR, PAPER = "#1c1c1a", "#5c5c58", "#d9d7d0", "#ffffff"
PALETTE = ("#0b5394", "#b45309", "#4d7c4d", "#7b3f75", "#5c5c58")
DASHES: tuple[Any, ...] = (
    "solid", (0, (6, 2)), (0, (2, 1.6)), (0, (7, 2, 1.5, 2)), (0, (1, 1.2)))
BAND = 0.10
PNG_DPI = 300

_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
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


def new_figure(width: float, height: float) -> Any:
    """Return an empty figure of a size in inches, with the shared settings in force."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(_SETTINGS)
    return Figure(figsize=(width, height), facecolor=PAPER)


def as_svg(figure: Any) -> str:
    """Return the figure as SVG text without a date, so that the same figure is the same bytes."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="none", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text.replace("'DejaVu Sans', sans-serif", _WEB_FONTS)


def as_png(figure: Any) -> bytes:
    """Return the figure as PNG at 300 dots an inch, without metadata."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return buffer.getvalue()


def colour_of(position: int) -> str:
    """Return the colour of the nth group."""
    return PALETTE[position % len(PALETTE)]


def dash_of(position: int) -> Any:
    """Return the dash pattern of the nth group; colour and dash together tell groups apart."""
    return DASHES[position % len(DASHES)]
