"""The fingerprints of the values of a row."""

from dashboard.clinical.case.fingerprint import fingerprint


def test_fingerprints_that_are_stored_stay_valid():
    assert fingerprint("phq9", None, 12, (1, None)) == "992bbb5a"
