"""The page of the reader's own account: password, second factor, sign-ins, calendar feed."""

import streamlit as st

from dashboard.components.account.calendar_feed import calendar_feed
from dashboard.components.account.open_sign_ins import open_sign_ins
from dashboard.components.account.password_form import password_form
from dashboard.components.account.second_factor_form import (
    enrolment_form,
    kept_codes,
    renewal_form,
    state_in_words,
)
from dashboard.components.elements.single_submit import single_submit
from dashboard.locale import _
from dashboard.web.auth import own_account
from dashboard.web.auth.authorization import signed_in
from dashboard.web.auth.second_factor import qr_code

person = signed_in()
account = own_account.own_account()
has = account.second_factor
can_prove = has.enrolled or account.has_password

left, right = st.columns(2, gap="large")
with left:
    st.header(_("Password"), anchor=False)
    if account.has_password:
        password_form(
            own_account.change_password,
            own_account.problem_of("password"),
            old_key=own_account.OLD,
            new_key=own_account.NEW,
            again_key=own_account.AGAIN,
        )
    else:
        st.caption(_("You sign in at your identity provider, without a password here."))
    if own_account.password_was_changed():
        st.success(_("Changed. Everywhere else you are signed out."))
    open_sign_ins(
        account.sign_ins,
        own_account.end_sign_in,
        own_account.problem_of("sign_ins"),
        proof_key=own_account.ENDING if can_prove else None,
        proof_is_password=not has.enrolled,
    )
with right:
    st.header(_("Second factor"), anchor=False)
    st.caption(
        state_in_words(
            has.enrolled,
            has.recovery_codes,
            account.demanded,
            has_password=account.has_password,
        )
    )
    codes = own_account.new_recovery_codes()
    if codes is not None:
        kept_codes(codes, own_account.codes_are_kept)
    elif account.secret is not None:
        name = _("On another telephone") if has.enrolled else _("Set up a second factor")
        part = st.expander(name, on_change="rerun", key="enrolment")
        if part.open:
            with part:
                enrolment_form(
                    qr_code(account.secret, person.username),
                    account.secret,
                    own_account.set_up_second_factor,
                    own_account.problem_of("second_factor"),
                    code_key=own_account.CODE,
                    proof_key=own_account.PROOF if can_prove else None,
                    proof_is_password=not has.enrolled,
                )
        if has.enrolled:
            renewal_form(
                own_account.renew_recovery_codes,
                own_account.problem_of("recovery_codes"),
                code_key=own_account.RENEWAL,
            )
    else:
        st.caption(_("This site has not set up what a second factor needs."))
    if own_account.offers_calendar():
        calendar_feed(
            account.calendar_renewed_at,
            own_account.new_calendar_address(),
            own_account.renew_calendar,
            own_account.end_calendar,
        )
single_submit()
