"""A chart as a list of marks.

The layout is computed in Python, so that labels do not overlap. Horizontal positions are fractions
of the width between the margins, from 0 to 1, so that the renderer can stretch the chart to the
available width. In a chart with a time axis, this is the width of the axis. Vertical positions are
in pixels from the top.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from statistics import fmean
from typing import Any, NamedTuple

NARROWEST = 620
"""The smallest width of a chart, in pixels.

Labels are laid out for this width, so that they do not overlap at any larger width.
"""

HALO = 3
"""The width of the border of a text with a halo, in pixels. Half of it is outside the letters."""

TEXT, LARGE = 12, 14
"""Two font sizes of labels, in pixels: the smallest and the normal font size of the web pages."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TimeAxis:
    """The first and last day of a time axis, and its left and right margins in pixels."""

    start: date
    end: date
    left: int
    right: int

    @property
    def width(self) -> int:
        """The width between the margins, in pixels, in a chart of the smallest width
        (``NARROWEST``).
        """
        return NARROWEST - self.left - self.right

    def share(self, day: date) -> float:
        """Return the position of ``day`` on the axis, from 0 on the first day to 1 on the last.

        A day before or after the axis is placed at the nearest end.
        """
        days = max((self.end - self.start).days, 1)
        return round(min(max((day - self.start).days / days, 0.0), 1.0), 5)

    def pixels(self, day: date) -> float:
        """Return the position of ``day``, in pixels from the left margin of a chart of the smallest
        width.

        The smallest width is ``NARROWEST``.
        """
        return self.share(day) * self.width


@dataclass(frozen=True)
class Margins:
    """The left and right margins, in pixels, of a chart without a time axis."""

    left: int
    right: int

    @property
    def width(self) -> int:
        """The width between the margins, in pixels, in a chart of the smallest width
        (``NARROWEST``).
        """
        return NARROWEST - self.left - self.right


@dataclass(frozen=True)
class Drawing:
    """The marks of a chart, by kind.

    Areas are drawn first. Straight lines (``rules``), bars, paths, symbols and labels follow in
    this order. Each kind is drawn on top of the previous kinds.
    """

    areas: Sequence[Row] = ()
    rules: Sequence[Row] = ()
    paths: Sequence[Row] = ()
    bars: Sequence[Row] = ()
    symbols: Sequence[Row] = ()
    labels: Sequence[Row] = ()


def together(drawings: Iterable[Drawing]) -> Drawing:
    """Return one drawing with the marks of all ``drawings``.

    Within one kind of mark, the marks of a later drawing are on top of the marks of an earlier one.
    """
    sheets = list(drawings)
    return Drawing(
        **{kind: [row for one in sheets for row in getattr(one, kind)] for kind in KINDS}
    )


KINDS = ("areas", "rules", "paths", "bars", "symbols", "labels")


def area(x: float, x2: float, y: float, y2: float, tone: str) -> Row:
    """Return a rectangle without a border."""
    return {"x": x, "x2": x2, "y": y, "y2": y2, "tone": tone}


def bar(
    x: float,
    x2: float,
    y: float,
    y2: float,
    fill: str,
    *,
    edge: str = "page",
    dash: str = "solid",
    tip: str = "",
) -> Row:
    """Return a rectangle with a border of the colour ``edge``."""
    return {
        "x": x,
        "x2": x2,
        "y": y,
        "y2": y2,
        "fill": fill,
        "edge": edge,
        "dash": dash,
        "tip": tip,
    }


def rule(
    x: float,
    x2: float,
    y: float,
    y2: float,
    tone: str,
    *,
    dash: str = "solid",
    width: float = 1,
    dx: float = 0,
    dx2: float = 0,
) -> Row:
    """Return a straight line. ``dx`` and ``dx2`` move its start and its end to the right, in
    pixels.
    """
    return {
        "x": x,
        "x2": x2,
        "y": y,
        "y2": y2,
        "tone": tone,
        "dash": dash,
        "width": width,
        "dx": dx,
        "dx2": dx2,
    }


def vertex(path: str, x: float, y: float, *, tone: str = "ink", dash: str = "solid") -> Row:
    """Return one point of the line whose name is ``path``.

    The points with the same name are joined from left to right.
    """
    return {"path": path, "x": x, "y": y, "tone": tone, "dash": dash}


def symbol(
    shape: str,
    x: float,
    y: float,
    *,
    fill: str = "page",
    edge: str | None = None,
    size: float = 36,
    dx: float = 0,
    tip: str = "",
) -> Row:
    """Return a symbol, with an outline if ``edge`` is given.

    ``size`` is the area of the symbol in square pixels.
    """
    return {
        "shape": shape,
        "x": x,
        "y": y,
        "fill": fill,
        "edge": edge or fill,
        "width": 1.5 if edge else 0,
        "size": size,
        "dx": dx,
        "tip": tip,
    }


def label(
    text: str,
    x: float,
    y: float,
    *,
    dx: float = 0,
    tone: str = "ink",
    size: float = TEXT,
    weight: int = 400,
    align: str = "left",
    limit: float = 0,
    halo: bool = False,
) -> Row:
    """Return a text that is vertically centred on ``y``.

    The text is cut off at a width of ``limit`` pixels. If ``limit`` is 0, the text is never cut
    off. With a ``halo``, the letters have a border in the colour of the page, so that lines do not
    run through them.
    """
    return {
        **({"halo": HALO} if halo else {}),
        "text": text,
        "x": x,
        "y": y,
        "dx": dx,
        "tone": tone,
        "size": size,
        "weight": weight,
        "align": align,
        "limit": limit,
    }


class Box(NamedTuple):
    """The rectangle that a mark occupies, in pixels from the left margin and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Return whether this rectangle and ``other`` overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def lies_in(self, other: "Box") -> bool:
        """Return whether this rectangle is completely inside ``other``."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass
class Room:
    """The occupied rectangles of a chart.

    If ``within`` is set, a rectangle that is not completely inside ``within`` is never free.
    """

    taken: list[Box] = field(default_factory=list)
    within: Box | None = None

    def is_free(self, box: Box) -> bool:
        """Return whether ``box`` overlaps no occupied rectangle and is inside the rectangle
        ``within``.
        """
        if self.within is not None and not box.lies_in(self.within):
            return False
        its_left, its_top, its_right, its_bottom = box
        # The comparison is inlined, because a chart calls this function thousands of times.
        for left, top, right, bottom in self.taken:
            if its_left < right and left < its_right and its_top < bottom and top < its_bottom:
                return False
        return True

    def take(self, box: Box) -> bool:
        """Mark ``box`` as occupied if it is free. Return whether it was free."""
        if free := self.is_free(box):
            self.taken.append(box)
        return free


def box_of(text: Row, axis: TimeAxis | Margins) -> Box:
    """Return the rectangle that the characters of a label occupy."""
    width, size = text_width(text["text"], text["size"], text["weight"]), text["size"]
    anchor = text["x"] * axis.width + text["dx"]
    left = anchor - {"left": 0.0, "center": width / 2, "right": width}[text["align"]]
    half = size * 0.4
    return Box(left - 1, text["y"] - half, left + width + 1, text["y"] + half)


def apart(places: Sequence[float], least: float = TEXT + 1) -> list[float]:
    """Return the positions ``places``, moved so that any two are at least ``least`` apart.

    All positions are in pixels and keep their order. The sum of the squares of all moves is as
    small as possible.
    """
    order = sorted(range(len(places)), key=lambda one: places[one])
    # This is isotonic regression by the pool-adjacent-violators algorithm. Positions that are too
    # close form a block, in which neighbours are exactly ``least`` pixels apart. A block stores
    # each of its positions less ``least`` times its rank. In the result, all these numbers are the
    # mean of the block.
    blocks: list[list[float]] = []
    for rank, one in enumerate(order):
        blocks.append([places[one] - rank * least])
        while len(blocks) > 1 and fmean(blocks[-2]) > fmean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    starts = [fmean(block) for block in blocks for _one in block]
    moved = {one: starts[rank] + rank * least for rank, one in enumerate(order)}
    return [moved[one] for one in range(len(places))]


def nudges(places: Sequence[float], least: float, most: float) -> list[float]:
    """Return by how much to move each of ``places``, so that they are at least ``least`` apart.

    A place that would have to move by more than ``most`` stays. All numbers are in pixels.
    """
    moves = [new - old for new, old in zip(apart(places, least), places, strict=True)]
    return [round(move, 1) if abs(move) <= most else 0.0 for move in moves]


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, weight: int = 400) -> float:
    """Return the estimated width of a text in IBM Plex Sans, in pixels.

    The estimate is rarely smaller than the real width.
    """
    ems = sum(_WIDTHS.get(letter, 0.6) for letter in text)
    return ems * size * (1.08 if weight >= 600 else 1.02)


_WIDTHS = {
    letter: ems
    for ems, letters in {
        0.25: " ',.ijlìíîï\u00a0\u202f",
        0.32: "!:;[]f|()rt·",
        0.4: '"-/I*z',
        0.5: "?JLcsvxyç",
        0.56: "FT_aeghknouàáâäèéêëòóôöùúûü",
        0.66: "ABDKRÀÁÂÄ",
        0.7: "#&GHNOQUÒÓÔÖÙÚÛÜ",
        0.75: "w",
        0.85: "mæœM",
        0.95: "@WÆŒ%…",
    }.items()
    for letter in letters
}
