import pytest

from dashboard.web.passwords import (
    LONGEST,
    PasswordRefused,
    check_password_is_good,
    hash_password,
    is_right,
    new_password,
)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "at least 12"),
        ("", "at least 12"),
        ("a" * 73, "72 bytes"),
        ("é" * 37, "72 bytes"),
        (" twelve chars", "space"),
        ("twelve chars ", "space"),
        ("twelve\tchars", "control"),
        ("twelve\0chars", "control"),
        ("Marie.Moreau", "username"),
    ],
)
def test_a_password_that_is_refused_says_why(password, reason):
    with pytest.raises(PasswordRefused, match=reason):
        check_password_is_good(password, "marie.moreau")


@pytest.mark.parametrize(
    "password", ["twelve chars", "é" * 36, "日本語のパスワードです。", "a" * 72]
)
def test_a_long_password_of_any_letters_is_good(password):
    hashed = hash_password(password, "moreau")
    assert is_right(password, hashed)
    assert not is_right(password[:-1], hashed)
    assert password not in hashed


def test_an_accent_is_the_same_however_the_keyboard_composes_it():
    assert is_right("cle\u0301mentine 12", hash_password("cl\u00e9mentine 12", "moreau"))


def test_nothing_matches_where_there_is_no_account():
    assert not is_right("twelve chars", None)


def test_what_is_typed_beyond_the_72nd_byte_is_not_ignored():
    hashed = hash_password("a" * LONGEST, "moreau")
    assert not is_right("a" * (LONGEST + 1), hashed)


def test_a_new_password_is_good_and_never_the_same():
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_password_is_good(password, "moreau")
