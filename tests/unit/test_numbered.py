"""Subjects as numbers: every name comes back, a new one is taken in, outside a run none change."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from remission.definitions.numbered import Numbers, numbering, with_names

NAMES = st.lists(st.text(max_size=6), max_size=12)


def rows(names: list[str] | list[str | None]) -> pl.DataFrame:
    """Return a table with a subject a row."""
    return pl.DataFrame({"subject_id": names, "row": range(len(names))},
                        schema={"subject_id": pl.String, "row": pl.Int64})


@given(known=NAMES, asked=NAMES)
def test_every_name_comes_back_whether_it_was_known_or_not(
    known: list[str], asked: list[str]
) -> None:
    numbers = Numbers(rows(known)["subject_id"])
    numbered = numbers.numbered(rows(asked))
    assert numbered["subject_id"].dtype == pl.Int32
    assert numbers.named(numbered).equals(rows(asked))
    assert numbered["subject_id"].n_unique() == len(set(asked))


FEW_NAMES = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=6)


@given(pieces=st.lists(FEW_NAMES, min_size=1, max_size=4))
def test_rows_of_one_subject_after_each_other_have_its_number_in_every_piece(
    pieces: list[list[str | None]],
) -> None:
    # three known names are 0, 1, 2 in their order; a row without a name has no number
    table = pl.concat([rows(piece) for piece in pieces], rechunk=False)
    numbered = Numbers(pl.Series(["a", "b", "c"])).numbered(table)
    assert numbered["subject_id"].to_list() == [
        {"a": 0, "b": 1, "c": 2}.get(name or "") for piece in pieces for name in piece]
    assert numbered["row"].equals(table["row"])


@given(st.permutations(["10", "9", "B", "a", "a"]))
def test_subjects_out_of_order_or_twice_are_numbered_in_order(names: list[str]) -> None:
    # as texts 10 < 9 < B < a
    numbered = Numbers(pl.Series(names)).numbered(rows(["a", "9", "10", "B"]))
    assert numbered["subject_id"].to_list() == [3, 1, 0, 2]


def test_numbers_that_were_given_stay_when_a_new_subject_comes() -> None:
    numbers = Numbers(pl.Series(["b", "c"]))
    before = numbers.numbered(rows(["b", "c"]))["subject_id"].to_list()
    assert numbers.numbered(rows(["a", "c", None, "b"]))["subject_id"].to_list() == [
        2, before[1], None, before[0]]
    assert numbers.named(numbers.numbered(rows([None, "a"])))["subject_id"].to_list() == [None, "a"]


def test_numbers_are_in_the_order_of_the_names() -> None:
    numbers = Numbers(pl.Series(["10", "9", "B", "a"]))
    assert numbers.numbered(rows(["10", "9", "B", "a"]))["subject_id"].to_list() == [0, 1, 2, 3]


def test_names_are_put_back_within_a_run_only() -> None:
    plain = rows(["x", "y"])
    assert with_names(plain) is plain
    with numbering(plain["subject_id"]) as numbers:
        numbered = numbers.numbered(plain)
        assert with_names(numbered).equals(plain)
        assert with_names(plain) is plain
    assert with_names(numbered) is numbered
