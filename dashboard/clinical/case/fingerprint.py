"""Fingerprints of the values of a row, by which a changed row is recognised.

The registry does not record when a row was changed.
"""

from zlib import crc32


def fingerprint(*values: object) -> str:
    """Return a checksum of ``values`` in 8 hexadecimal digits. None and an empty text are alike."""
    text = "\x1f".join("" if one is None else str(one) for one in values)
    return f"{crc32(text.encode()):08x}"
