"""The letter of a review: a preview before signing, and the stored letter after signing.

A letter is rendered or read only when the reader asks for it. Otherwise rendering would slow down
the page, and the access log would contain letters that nobody has read.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import streamlit as st

from dashboard.clinical.advice.letters import Letter
from dashboard.components.elements.escaping import choice
from dashboard.components.elements.guarded import dialog, download_button, held_file
from dashboard.letters.content import LetterContent
from dashboard.letters.pdf import letter_pictures
from dashboard.letters.plain_text import plain_text
from dashboard.locale import LANGUAGES, _
from dashboard.vocabulary import LETTER_ROLES, Role

Read = Callable[[UUID, str], Letter | None]
"""A function that returns the stored letter of a review, or None if there is none.

Its arguments are the id of the review and the role of the recipient, ``gp`` or ``nurse``.
"""

Draw = Callable[[str], LetterContent]
"""A function that returns the content of the letter to a recipient.

Its argument is the role of the recipient, ``gp`` or ``nurse``.
"""

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


def letter_menu(case_review_id: UUID, role: str, read: Read, under: str = "") -> None:
    """Draw the menu of a stored letter, with a download and a plain text to copy.

    Nurses and GPs get the letter that is addressed to them. A psychiatrist chooses the recipient.
    ``under`` makes the widget keys unique, because a page can contain the same letter twice.
    """
    key = f"letter/{case_review_id}{under}"
    with st.popover(
        _("Letter"),
        icon=":material/description:",
        key=key,
        on_change="rerun",
    ) as popover:
        if popover.open:
            to = role if role in LETTER_ROLES else _recipient(key)
            _stored(read(case_review_id, to), f"{key}/{to}")


def letter_preview(key: str, draw: Draw) -> None:
    """Draw a button that opens the preview of the letter."""
    if st.button(
        _("Show the letter"), key=f"{key}/letter", type="tertiary", icon=":material/description:"
    ):
        dialog(_preview, _("Letter"), width="large")(key, draw)


def letter_withheld() -> None:
    """Draw a note that no letter is shown while the screen is shared, because a letter names the
    patient.
    """
    st.caption(_("No letters while presenting"), width="content")


def _stored(letter: Letter | None, key: str) -> None:
    if letter is None:
        st.caption(_("No letter was made with this review."))
        return
    download_button(
        _("Download the PDF"),
        held_file(lambda: letter.pdf),
        file_name=letter.file_name,
        mime="application/pdf",
        key=f"{key}/pdf",
        icon=":material/download:",
    )
    st.caption(_("As plain text, to copy:"))
    # The box has no fixed height, because the keyboard cannot reach a box that has its own scroll
    # bar.
    st.code(letter.plain_text, language=None, wrap_lines=True, width=640)


def _preview(key: str, draw: Draw) -> None:
    with st.container(horizontal=True):
        to = _recipient(f"{key}/letter")
        content = draw(to)
        language = st.segmented_control(
            _("Language of the letter"),
            LANGUAGES,
            default=content.language,
            required=True,
            key=f"{key}/letter/{to}/language",
            format_func=lambda code: choice(LANGUAGE_NAMES[code]),
            label_visibility="collapsed",
        )
    shown = replace(content, language=language or content.language)
    if shown.language != content.language:
        st.caption(_("The letter is sent in the recipient's language, which is another."))
    pictures = letter_pictures(shown)
    for number, picture in enumerate(pictures, start=1):
        pages = _("Page {number} of {count}", number=number, count=len(pictures))
        with st.container(border=True):
            st.image(picture, caption=pages, alt=pages, width="stretch")
    with st.expander(_("As plain text")):
        st.code(plain_text(shown), language=None, wrap_lines=True)


def _recipient(key: str) -> str:
    names = {Role.GP: _("to the GP"), Role.NURSE: _("to the nurse")}
    chosen = st.segmented_control(
        _("Recipient"),
        LETTER_ROLES,
        default=LETTER_ROLES[0],
        required=True,
        key=f"{key}/to",
        format_func=lambda role: choice(names[role]),
        label_visibility="collapsed",
    )
    return chosen or LETTER_ROLES[0]
