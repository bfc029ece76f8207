"""Bytes become text: the encoding is sniffed, and why it is taken is said."""

from __future__ import annotations

import codecs
import re

from remission.errors import InputError, Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_PAIR = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_ACCENT_OF_A_MAC = re.compile(rb"(?<=[A-Za-z])[\x80-\x9f](?=[A-Za-z,;\t\r\n ])")
_PUNCTUATION_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
_SNIFFED = 2**20
_MOST = 0.7
"""Share of the bytes of a kind above which they decide."""


def decode(data: bytes, name: str, *, encoding: str | None = None) -> tuple[str, str]:
    """Return (text, the encoding with the reason why it is taken).

    ``encoding`` overrides what is sniffed. Raises :class:`InputError` when the file is empty, is
    no text, or cannot be read in that encoding.
    """
    if not data.strip():
        raise InputError(Problem(
            name, "The file is empty.", "There is nothing to read.",
            "Export it again; the first row holds the column names.",
        ))
    if encoding is not None:
        return _given(data, name, encoding), f"{encoding} (given)"
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _marked(data, name, marked), f"{marked.removesuffix('-sig')} (its mark)"
    if b"\x00" in data:
        return _without_mark(data, name)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _of_one_country(data)


def _given(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise InputError(Problem(
            "--encoding", f"{encoding!r} is no encoding.", "",
            "Usual ones: utf-8, utf-16, cp1252 (Western), cp1250 (Central European), cp1251 "
            "(Cyrillic), gb18030 (Chinese), mac_roman; or leave the option out.")) from None
    except UnicodeDecodeError as error:
        raise InputError(Problem(
            name, f"Not readable as {encoding}: byte {error.start + 1} stands for nothing there.",
            "It is another encoding.", "Leave --encoding out, or give another one.")) from None


def _marked(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(Problem(
            name, f"Marked as {encoding} but broken at byte {error.start}.",
            "The file was probably cut off.", "Export it again.")) from None


def _without_mark(data: bytes, name: str) -> tuple[str, str]:
    """Return UTF-16 without its mark: every other byte of plain letters is zero."""
    sample = data[:_SNIFFED]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros.count(0) > _MOST / 2 * len(zeros) and len(data) % 2 == 0:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\x00" not in text:
                return text, f"{encoding} (no mark; every other byte is zero)"
    raise InputError(Problem(
        name, "The file holds zero bytes.", "It is not text, or it is damaged.",
        "Save it again as CSV with the encoding UTF-8."))


def _of_one_country(data: bytes) -> tuple[str, str]:
    """Return text in the likeliest encoding of single letters: Chinese, Cyrillic or Western."""
    sample = data[:_SNIFFED]
    runs = _HIGH.findall(sample)
    high = sum(map(len, runs))
    if len(b"".join(_PAIR.findall(sample))) >= _MOST * high and sum(
            len(run) for run in runs if len(run) % 2 == 0) >= _MOST * high:
        try:
            return data.decode("gb18030"), "gb18030 (not UTF-8; Chinese letters in pairs)"
        except UnicodeDecodeError:
            pass
    if sum(len(run) for run in runs if len(run) > 1) >= _MOST * high:
        try:
            return data.decode("cp1251"), "cp1251 (not UTF-8; whole words of other letters: check)"
        except UnicodeDecodeError:
            pass
    marks = len(_PUNCTUATION_OF_WINDOWS.findall(sample))
    if marks and len(_ACCENT_OF_A_MAC.findall(sample)) >= _MOST * high:
        return data.decode("mac_roman"), "mac_roman (not UTF-8; accents of an older Mac: check)"
    for encoding in ("cp1252", "cp1250"):
        try:
            return data.decode(encoding), f"{encoding} (not UTF-8: check accents)"
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1 (not UTF-8, and nothing else fits: check accents)"
