"""Names of columns as words that mean the same in English, Spanish and Chinese.

``fecha_trasplante``, ``TransplantDate`` and ``移植日期`` all become the words date and transplant;
which words are the same stands in ``records/labels/synonyms.toml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from remission.records.labels import synonyms

Words = tuple[str, ...]

_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[A-Za-z][a-z])(?=[A-Z][a-z])")
_CHINESE = "\u4e00-\u9fff"
_PIECES = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_LETTERS_THEN_DIGITS = re.compile(r"([a-z]{2,})(\d{1,3})")
_UNIT_LIKE = re.compile(r"(kg|ml|dl|ul|mg|ug|gy|m2|x?1[0e]?[ed]?\d*|(kg|dkg)?x10d?\d+|\d+e\d+)")
_CELLS_PER_KG = re.compile(r"(cd\d{1,2})(d?kg.*|x1.*)")
_DIGITS = re.compile(r"\d+")
_DAY = re.compile(r"d\d{1,3}")
_LONGEST_PHRASE = 5
_SHORTEST_PART = 3
_GENERIC_WEIGHT, _NUMBER_WEIGHT = 0.45, 0.2
_ALIKE = 0.84
_SHORTEST_FUZZY = 5
_LEAST_COVERED = 0.72
_MOST_LETTERS_APART = 3


@lru_cache(maxsize=20_000)
def words_of(text: str) -> Words:
    """Return the words of a name, in their order, each as the first of those that mean it."""
    plain = _plain(_CAMEL.sub(" ", unicodedata.normalize("NFKC", text)))
    pieces: list[str] = []
    for piece in _PIECES.findall(plain):
        pieces.extend(_chinese(piece) if re.match(f"[{_CHINESE}]", piece) else _latin(piece))
    return tuple(_joined(pieces)) or tuple(_PIECES.findall(plain))


def plain_text(text: str) -> str:
    """Return a text without accents, capitals and marks but for ``%``, for comparing values."""
    spelled = unicodedata.normalize("NFKC", text).replace("%", " percent ")
    return " ".join(_PIECES.findall(_plain(spelled)))


@lru_cache(maxsize=20_000)
def weight(word: str) -> float:
    """Return how much a word tells: nothing for a unit, little for ``date`` or a number."""
    if word == "subject" or _UNIT_LIKE.fullmatch(word):
        return 0.0
    if _DIGITS.fullmatch(word) or _DAY.fullmatch(word):
        return _NUMBER_WEIGHT
    return _GENERIC_WEIGHT if word in _generic() else 1.0


def is_generic(words: Words) -> bool:
    """Return whether a name says nothing unless the table is known: ``date``, ``end date``."""
    return all(weight(word) < 1 for word in words)


def holds(words: Iterable[str], phrase: Words) -> bool:
    """Return whether every word of a phrase is among the words."""
    return bool(phrase) and set(phrase) <= set(words)


def likeness(name: Words, phrase: Words, context: frozenset[str]) -> float:
    """Return how well a name fits a phrase, 0 to 1.

    All words of the phrase should stand in the name; the name's other words should belong to the
    ``context``, which is what the table and its occasion are called.
    """
    covered = _covered(name, phrase)
    if covered < _LEAST_COVERED:
        return 0.0
    given = sum(weight(word) for word in name)
    explained = sum(
        weight(word) * max(_best(word, phrase), 1.0 if word in context else 0.0) for word in name)
    return covered * (0.35 + 0.65 * (explained / given if given else 1.0))


@lru_cache(maxsize=200_000)
def _covered(name: Words, phrase: Words) -> float:
    """Return the share of a phrase that stands in a name."""
    wanted = sum(weight(word) for word in phrase)
    found = sum(weight(word) * _best(word, name) for word in phrase)
    return found / wanted if wanted else 0.0


def _best(word: str, among: Words) -> float:
    """Return how alike a word is to the most alike of others."""
    if word in among:
        return 1.0
    if len(word) < _SHORTEST_FUZZY or word in _generic():
        return 0.0
    return max((_alike(word, other) for other in among if len(other) >= _SHORTEST_FUZZY),
               default=0.0)


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> float:
    if one[0] != other[0] or abs(len(one) - len(other)) > _MOST_LETTERS_APART:
        return 0.0
    ratio = SequenceMatcher(None, one, other).ratio()
    return 0.9 * ratio if ratio >= _ALIKE else 0.0


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def _latin(piece: str) -> Iterator[str]:
    """Yield the known words of one run of letters and digits: ``relapse2``, ``donorage``."""
    if piece in _ignored():
        return
    single = _singular(piece)
    for written in (piece, single):
        if (written,) in _surfaces():
            yield written
            return
    known = _single()
    if piece in known or single in known:
        yield piece if piece in known else single
        return
    if cells := _CELLS_PER_KG.fullmatch(piece):
        yield cells.group(1)
        return
    numbered = _LETTERS_THEN_DIGITS.fullmatch(piece)
    if numbered and _singular(numbered.group(1)) in known:
        yield _singular(numbered.group(1))
        yield numbered.group(2)
        return
    yield from _parts(piece) or (_singular(piece),)


@lru_cache(maxsize=10_000)
def _parts(piece: str) -> Words:
    """Return the known words of which a piece is made without marks between; none if it is not.

    A rest of a few letters may follow a long known word.
    """
    if len(piece) < 2 * _SHORTEST_PART:
        return ()
    known = _single()
    best: list[Words | None] = [(), *[None] * len(piece)]
    for end in range(1, len(piece) + 1):
        for begin in range(max(0, end - 20), end):
            before = best[begin]
            part = piece[begin:end]
            is_word = len(part) >= _SHORTEST_PART and (part in known or _singular(part) in known)
            if before is not None and is_word:
                found = (*before, part if part in known else _singular(part))
                if best[end] is None or len(found) < len(best[end] or ()):
                    best[end] = found
    if best[-1]:
        return best[-1]
    for end in range(len(piece) - 1, _SHORTEST_FUZZY - 1, -1):
        if found_before := best[end]:
            return (*found_before, piece[end:])
    return ()


def _singular(piece: str) -> str:
    for ending, least in (("es", 7), ("s", 5)):
        if piece.endswith(ending) and len(piece) >= least:
            cut = piece.removesuffix(ending)
            if cut in _single() or ending == "s":
                return cut
    return piece


def _chinese(run: str) -> Iterator[str]:
    """Yield the known words of a run of Chinese, longest first; what is left in pairs."""
    at = 0
    rest = ""
    known = _surfaces()
    while at < len(run):
        match = next((run[at:end] for end in range(min(len(run), at + 12), at, -1)
                      if (run[at:end],) in known or run[at:end] in _ignored()), None)
        if match is None:
            rest += run[at]
            at += 1
            continue
        yield from _pairs(rest)
        rest = ""
        if match not in _ignored():
            yield match
        at += len(match)
    yield from _pairs(rest)


def _pairs(rest: str) -> Iterator[str]:
    if rest:
        yield from ((rest,) if len(rest) == 1 else
                    (rest[at:at + 2] for at in range(len(rest) - 1)))


def _joined(pieces: list[str]) -> Iterator[str]:
    """Yield the words of a list of pieces; phrases of several pieces are found first."""
    known = _surfaces()
    at = 0
    while at < len(pieces):
        for size in range(min(_LONGEST_PHRASE, len(pieces) - at), 0, -1):
            means = known.get(tuple(pieces[at:at + size]))
            if means is not None:
                yield from means
                at += size
                break
        else:
            yield pieces[at]
            at += 1


@lru_cache(maxsize=1)
def _ignored() -> frozenset[str]:
    return frozenset(synonyms()["generic"]["ignored"])


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(synonyms()["generic"]["words"])


@lru_cache(maxsize=1)
def _written() -> Mapping[str, Words]:
    """Return every word and phrase of the lists, in plain letters, with the words it means."""
    found: dict[str, Words] = {}
    for word, others in synonyms()["words"].items():
        for text in (word.replace("_", " "), *others):
            found.setdefault(_plain(text), (word,))
    for text, means in synonyms()["expansions"].items():
        found[_plain(text)] = tuple(means.split())
    return found


@lru_cache(maxsize=1)
def _single() -> frozenset[str]:
    """Return the known words that are written in one piece, besides Chinese."""
    listed = {text for text in _written() if " " not in text}
    for phrases in synonyms()["columns"].values():
        for written in phrases.values():
            listed |= {_plain(word) for phrase in written for word in re.split(r"[\s_]+", phrase)}
    parts = {part for text in _written() if " " in text for part in text.split()}
    return frozenset(listed | parts | _generic())


@lru_cache(maxsize=1)
def _surfaces() -> Mapping[Words, Words]:
    """Return each known phrase as the pieces it is cut into, with the words it means."""
    found: dict[Words, Words] = {}
    for text, means in _written().items():
        pieces = [text] if re.match(f"[{_CHINESE}]", text) else text.split()
        kept = tuple(piece for piece in pieces if piece not in _ignored())
        found.setdefault(kept, means)
        found.setdefault(tuple(_singular(piece) for piece in kept), means)
    return found
