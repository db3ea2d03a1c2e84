"""Marks and the room that they take."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from dashboard.charts.drawing import (
    NARROWEST,
    Box,
    Room,
    TimeAxis,
    apart,
    box_of,
    label,
    nudges,
    text_width,
)

AXIS = TimeAxis(date(2026, 1, 1), date(2026, 1, 11), left=100, right=60)


@pytest.mark.parametrize(("days", "share"), [(0, 0), (5, 0.5), (10, 1), (-3, 0), (30, 1)])
def test_a_day_is_a_share_of_the_axis_and_kept_inside(days, share):
    day = AXIS.start + timedelta(days=days)
    assert AXIS.share(day) == share
    assert AXIS.pixels(day) == share * (NARROWEST - 160)


def test_an_axis_of_one_day_has_no_share_to_divide():
    assert TimeAxis(AXIS.start, AXIS.start, 0, 0).share(AXIS.start) == 0


@pytest.mark.parametrize(("align", "left"), [("left", 0.0), ("center", -0.5), ("right", -1.0)])
def test_a_label_takes_room_on_the_side_to_which_it_is_aligned(align, left):
    wide = text_width("sertraline")
    assert box_of(label("sertraline", 0, 20, align=align), AXIS).left == left * wide - 1


def test_room_is_given_once():
    room = Room()
    assert room.take(Box(0, 0, 10, 10))
    assert not room.take(Box(9, 9, 20, 20))
    assert room.take(Box(10, 0, 20, 10))


def test_room_within_a_part_is_inside_it():
    room = Room(within=Box(0, 0, 10, 10))
    assert not room.is_free(Box(5, 5, 11, 9))
    assert room.is_free(Box(5, 5, 10, 9))


def test_heavier_letters_are_wider():
    assert text_width("sertraline", 11, 600) > text_width("sertraline", 11, 400)


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([], []),
        ([10, 40], [10, 40]),
        ([40, 10], [40, 10]),
        ([20, 20], [15, 25]),
        ([20, 26], [18, 28]),
    ],
)
def test_texts_that_are_too_close_are_moved_apart_by_the_same_distance(places, moved):
    assert apart(places, 10) == moved


def test_several_texts_in_one_place_are_moved_until_none_covers_another():
    moved = apart([20, 20, 20, 21, 22], 10)
    assert all(lower - upper > 9 for upper, lower in pairwise(moved))


@pytest.mark.parametrize(
    ("places", "moves"),
    [
        ([], []),
        ([10, 30], [0, 0]),
        ([10, 13], [-4, 4]),
        # In a dense row, a mark that would stand too far from its day stays.
        ([10, 10, 10, 10], [0, -5.5, 5.5, 0]),
    ],
)
def test_marks_of_neighbouring_days_move_apart_but_not_far_from_their_days(places, moves):
    assert nudges(places, 11, 6) == moves
