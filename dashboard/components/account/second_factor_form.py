"""The second factor: the field for a code, the enrolment of an app, and the recovery codes."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.locale import _, ngettext

LONGEST_CODE = 40
"""The maximum length of a typed code, in characters. A recovery code with its dashes has 19."""


def code_field(key: str, label: str | None = None) -> None:
    """Draw the field for a code of six digits or a recovery code.

    ``key`` is the key of the widget. The default label is "Code".
    """
    st.text_input(label or _("Code"), key=key, max_chars=LONGEST_CODE, autocomplete="one-time-code")


def code_form(key: str, send: Callable[[], None], problem: str | None) -> None:
    """Draw the form that asks for a code at sign-in.

    Its button calls ``send``, which reads the code from the field ``key``. ``problem`` is the
    reason why the last code was refused, or None if no code was refused.
    """
    st.header(_("Code from your telephone"), anchor=False)
    with st.form("second_factor"):
        st.caption(_("The six digits that the app shows now, or one of your recovery codes."))
        code_field(key)
        st.form_submit_button(_("Go on"), type="primary", on_click=send)
    if problem == "code":
        st.error(
            _(
                "This code is not valid. A code works once: wait for the next one. After "
                "several failures, wait: from half a minute to a quarter of an hour."
            )
        )


def enrolment_form(
    drawn: str,
    secret: str,
    send: Callable[[], None],
    problem: str | None,
    *,
    code_key: str,
    proof_key: str | None = None,
    proof_is_password: bool = False,
) -> None:
    """Draw the instructions to set up the app, and the form that confirms that the app works.

    ``drawn`` is the QR code as SVG. If ``proof_key`` is given, the form also asks for a proof that
    the owner of the account is at the keyboard. The proof is the password, a code of the app in use
    or a recovery code. ``proof_key`` is the key of the field for the proof.
    """
    with st.form("enrolment_form"):
        st.text(
            _(
                "1. On your telephone, open an app that makes codes (FreeOTP, Aegis, Google or "
                "Microsoft Authenticator), and let it read this picture."
            )
        )
        st.image(drawn, width=170, alt=_("QR code that holds the key below"))
        st.caption(_("Or type this key into the app:"))
        st.code(_in_fours(secret), language=None)
        st.text(_("2. Type the six digits that the app shows."))
        code_field(code_key, _("Code from the app"))
        if proof_key is not None and proof_is_password:
            st.text_input(
                _("Password"), key=proof_key, type="password", autocomplete="current-password"
            )
        elif proof_key is not None:
            code_field(proof_key, _("Code of the app in use, or a recovery code"))
        st.form_submit_button(_("Set up"), type="primary", on_click=send)
    if problem == "code":
        st.error(_("This code is not the one that the app shows now. Nothing was changed."))
    elif problem == "proof":
        st.error(_("That was refused. Nothing was changed."))


def recovery_codes(codes: Sequence[str]) -> None:
    """Draw the recovery codes, which are shown only once."""
    st.header(_("Your recovery codes"), anchor=False)
    st.text(
        _(
            "For when your telephone is not at hand: each signs you in once, in place of a "
            "code. Print them or write them down now; they are not shown again."
        )
    )
    st.code("\n".join(codes), language=None)


def kept_codes(codes: Sequence[str], keep: Callable[[], None]) -> None:
    """Draw the recovery codes until the person confirms that they have kept them."""
    recovery_codes(codes)
    st.button(_("I have kept them"), type="primary", on_click=keep, key="codes_are_kept")


def renewal_form(send: Callable[[], None], problem: str | None, *, code_key: str) -> None:
    """Draw the form that makes new recovery codes. The form asks for a code.

    Its button calls ``send``, which reads the code from the field ``code_key``.
    """
    part = st.expander(_("New recovery codes"), on_change="rerun", key="renewal")
    if not part.open:
        return
    with part, st.form("renewal_form"):
        st.caption(_("The old ones are void then."))
        code_field(code_key)
        st.form_submit_button(_("Make new ones"), on_click=send)
    if problem is not None:
        part.error(_("That was refused. Nothing was changed."))


def state_in_words(
    enrolled: bool, codes_left: int, demanded: bool, *, has_password: bool = True
) -> str:
    """Return the state of a person's second factor in words.

    ``demanded`` means that the person's role requires a second factor, so that the next sign-in
    asks for one. A person without a password signs in at an identity provider, and the dashboard
    then asks for no code.
    """
    asked = (
        _("A code is asked for when you sign in.")
        if has_password
        else _("You sign in at your identity provider: no code is asked for here.")
    )
    if enrolled:
        left = ngettext("{n} recovery code left", "{n} recovery codes left", codes_left)
        return f"{asked} {left}."
    if not has_password:
        return asked
    if demanded:
        return _("A code will be asked for when you sign in next.")
    return _("You sign in with your password alone.")


def _in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
