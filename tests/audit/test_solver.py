"""The search for what a printed P value may mean: what it tries, and that it ends soon."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest

from remission.audit.printed import printed
from remission.audit.solver import (
    MOST_TABLES,
    Labelled,
    _groupings,
    _one_change,
    by_chance,
    search,
)
from remission.audit.tests_of_tables import Order

TESTS = ("fisher", "chi-square", "yates", "trend", "linear-by-linear", "mann-whitney")
WORST = ((5, 9, 3, 8, 7), (2, 4, 9, 6, 4), (6, 3, 4, 5, 6), (9, 7, 5, 3, 2))


def labelled(table: tuple[tuple[int, ...], ...], order: Order) -> Labelled:
    return Labelled(table, tuple(f"row {row}" for row in range(len(table))),
                    tuple(f"column {column}" for column in range(len(table[0]))), order)


@pytest.mark.parametrize(("size", "partitions"), [(2, 1), (3, 4 + 3), (4, 36)])
def test_every_grouping_of_an_unordered_axis_is_tried(size: int, partitions: int) -> None:
    found = list(_groupings(size, is_ordered=False))
    # subsets of k of the places, each put into two or more groups: Bell numbers less one each
    assert len(found) == len(set(found)) == partitions


def test_ordered_categories_are_only_taken_together_with_their_neighbours() -> None:
    for grouping in _groupings(5, is_ordered=True):
        places = [place for group in grouping for place in group]
        assert places == sorted(places)
    for grouping in _one_change(((0,), (1,), (2,), (3,)), is_ordered=True):
        assert all(first < second for first, second in pairwise(
            place for group in grouping for place in group))


@pytest.mark.parametrize("order", [Order(), Order(rows=True, columns=True)])
def test_the_worst_case_is_bounded(order: Order) -> None:
    begun = process_time()
    found = search(labelled(WORST, order), printed("0.54321098"), TESTS)
    assert not found.readings
    assert found.tried <= MOST_TABLES * 8
    assert process_time() - begun < 10  # 1.7 s on a free core


def test_the_nearest_reading_is_found_and_chance_is_counted() -> None:
    table = ((45, 29, 0), (24, 25, 2))
    found = search(labelled(table, Order(columns=True)), printed("0.146"), ("fisher",))
    assert found.readings[0].says == "column 0 against column 1 + column 2"
    assert 0 < by_chance(found.tried, printed("0.146")) < 0.05
    assert by_chance(found.tried, printed("0.1")) > by_chance(found.tried, printed("0.10"))
