"""Security headers of every response. They limit what a browser may do and load."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit

from dashboard.settings import settings

YEAR = 365 * 24 * 3600

_NOT_NEEDED = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock"),
    *("serial", "usb", "xr-spatial-tracking"),
)
"""Browser features that no page uses."""


def security_headers() -> dict[str, str]:
    """Return the headers that are added to every response, unless the response already has them."""
    headers = {
        "Content-Security-Policy": content_security_policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # With ``no-referrer``, browsers would send ``null`` as the origin of a submitted form.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _NOT_NEEDED),
    }
    if (settings().public_url or "").startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def content_security_policy() -> str:
    """Return the content security policy of the pages, which allows loading from this server only.

    Inline styles and ``blob:`` addresses are allowed, because Streamlit needs both. ``unsafe-eval``
    is not, because Vega is set to interpret its expressions.
    """
    scripts = " ".join(f"'{digest_of(text)}'" for text in _inline_scripts())
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' blob: {scripts}",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def policy_without_scripts(style: str) -> str:
    """Return the content security policy of a page without scripts, with a form and one style
    sheet.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{digest_of(style)}'",
            "img-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def digest_of(text: str) -> str:
    """Return the hash with which a content security policy allows one inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _inline_scripts() -> list[str]:
    """Return the inline scripts in Streamlit's HTML page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
