"""How symptoms go, as shares of the severity at entry."""

import pytest

from dashboard.demo.courses import Course, severity

RAPID = Course("rapid", floor=0.2, pace=20, turn=0)
SLOW = Course("slow", floor=0.3, pace=20, turn=80)
NONE = Course("none", floor=0.9, pace=20, turn=0)
WORSE = Course("worse", floor=1.4, pace=20, turn=60)
RELAPSE = Course("relapse", floor=0.2, pace=20, turn=150)


@pytest.mark.parametrize(
    ("course", "day", "least", "most"),
    [
        (RAPID, 0, 1.0, 1.0),
        (RAPID, 28, 0.3, 0.5),
        (RAPID, 180, 0.2, 0.21),
        (SLOW, 28, 0.9, 1.0),
        (SLOW, 80, 0.6, 0.7),
        (SLOW, 180, 0.29, 0.32),
        (NONE, 180, 0.88, 0.92),
        (WORSE, 60, 1.25, 1.45),
        (WORSE, 300, 0.75, 0.95),
        (RELAPSE, 84, 0.2, 0.25),
        (RELAPSE, 185, 0.65, 0.9),
        (RELAPSE, 330, 0.19, 0.25),
    ],
)
def test_each_course_has_its_shape(course, day, least, most):
    assert least <= severity(course, day) <= most


@pytest.mark.parametrize("course", [RAPID, SLOW, NONE, WORSE, RELAPSE])
def test_before_enrolment_all_are_as_at_entry(course):
    assert severity(course, -10) == severity(course, 0) == pytest.approx(1, abs=0.05)
