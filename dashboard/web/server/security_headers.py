"""Security headers of every response: what a browser may do with it and load for it."""

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
    """Return the headers that every response gets unless it sets its own."""
    headers = {
        "Content-Security-Policy": content_security_policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Without a policy, a browser would not tell the origin of a submitted form.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _NOT_NEEDED),
    }
    if (settings().public_url or "").startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def content_security_policy() -> str:
    """Return the content security policy of the pages: everything comes from this server.

    Components are loaded from ``blob:`` addresses, and scripts set styles throughout Streamlit.
    Vega interprets its expressions, so ``unsafe-eval`` is not needed.
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
    """Return the policy of a page that is a form, with one style sheet inside it."""
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
    """Return the hash by which a policy allows an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _inline_scripts() -> list[str]:
    """Return the inline scripts of Streamlit's page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
