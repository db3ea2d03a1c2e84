import pytest

from dashboard.web.auth import stolen_passwords
from dashboard.web.auth.passwords import (
    LONGEST,
    PasswordRefused,
    check_password_is_good,
    hash_password,
    is_right,
    new_password,
)
from dashboard.web.auth.stolen_passwords import BYTES, is_stolen
from tools.stolen_passwords import made_of


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
        ("Marie.Moreau", "easy"),
        ("a" * 20, "easy"),
    ],
)
def test_a_password_that_is_refused_says_why(password, reason):
    with pytest.raises(PasswordRefused, match=reason):
        check_password_is_good(password, ["marie.moreau"])


@pytest.mark.parametrize(
    "password", ["twelve chars", "éàùôï-" * 6, "日本語のパスワードです。", "sixth" * 14]
)
def test_a_long_password_of_any_letters_is_good(password):
    hashed = hash_password(password, ["moreau"])
    assert is_right(password, hashed)
    assert not is_right(password[:-1], hashed)
    assert password not in hashed


def test_an_accent_is_the_same_however_the_keyboard_composes_it():
    assert is_right(
        "cle\u0301mentine au jardin", hash_password("cl\u00e9mentine au jardin", ["moreau"])
    )


def test_nothing_matches_where_there_is_no_account():
    assert not is_right("twelve chars", None)


def test_what_is_typed_beyond_the_72nd_byte_is_not_ignored():
    longest = "sixth " * 11 + "letter"
    assert len(longest) == LONGEST
    assert not is_right(longest + "s", hash_password(longest, ["moreau"]))


def test_a_new_password_is_good_and_never_the_same():
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_password_is_good(password, ["moreau"])


def test_a_new_password_that_is_nearly_all_digits_is_drawn_again(monkeypatch):
    drawn = iter("48d942697t33hz74" + "k7wqm2vxbd9thz4r")
    monkeypatch.setattr("secrets.choice", lambda letters: next(drawn))
    assert new_password() == "k7wq-m2vx-bd9t-hz4r"


@pytest.mark.parametrize(
    "password",
    [
        "azertyuiop123456",
        "poiuytrezaAZERTY",
        "Motdepasse2026!!",
        "M0tdepa$$e-2026",
        "Bonjour Bonjour 75",
        "Marseille13Marseille",
        "Sesame-Programme-2026",
        "Psychiatre@Hopital1",
        "Infirmière.2026.Infirmière",
        "moreau-claire-1974",
        "Claire!Moreau!Claire",
        "123456789012345",
        "2026-11-24-2026",
        "abcabcabcabcabc",
        "aaaaaaaaaaaaaaaa",
        "Abcdefghijklmnop1",
        "Iloveyou-Princess",
        "PasswordPassword",
    ],
)
def test_what_everybody_would_try_first_is_refused(password):
    with pytest.raises(PasswordRefused, match="easy"):
        check_password_is_good(password, ["cmoreau", "Moreau", "Claire"])


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "quatre huîtres sous la pluie",
        "mon vélo rouge 2026",
        "Moreau aime les girafes",
        "kx7q-vw2m-tb9z-rn4c",
        "L'azur, encore l'azur!",
    ],
)
def test_words_that_only_one_person_puts_together_are_good(password):
    check_password_is_good(password, ["cmoreau", "Moreau", "Claire"])


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc",
        "leavemealone",
        "needforspeed",
        "LeaveMeAlone",
        "finalfantasy",
        "justinbieber",
    ],
)
def test_what_was_stolen_elsewhere_is_refused(password):
    with pytest.raises(PasswordRefused, match="stolen"):
        check_password_is_good(password, ["moreau"])


def test_more_than_forty_thousand_stolen_passwords_are_known_in_the_order_of_their_digests():

    kept = stolen_passwords._digests()
    each = [kept[at : at + BYTES] for at in range(0, len(kept), BYTES)]
    assert len(each) > 40_000
    assert each == sorted(set(each))


def test_the_file_of_stolen_passwords_is_made_of_those_that_are_long_enough(monkeypatch):
    made = made_of(
        ["short", "zwölf Zeichen", "leavemealone", "LEAVEMEALONE", "a\x00 null byte here"]
    )
    assert len(made) == 2 * BYTES
    monkeypatch.setattr(stolen_passwords, "_digests", lambda: made)
    found = [
        is_stolen(one) for one in ("zwölf zeichen", "leavemealone", "short", "", "zzzzzzzzzzzz")
    ]
    assert found == [True, True, False, False, False]


def test_none_of_the_last_passwords_is_taken_again():
    before = [hash_password(f"girafe numéro {name}", []) for name in ("un", "deux", "trois")]
    for name in ("un", "deux", "trois"):
        with pytest.raises(PasswordRefused, match="present one nor"):
            hash_password(f"girafe numéro {name}", [], before)
    assert hash_password("girafe numéro quatre", [], before)
