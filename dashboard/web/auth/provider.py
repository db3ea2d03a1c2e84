"""OpenID Connect client of the site's identity provider, such as Pro Santé Connect.

The checks follow RFC 9700 and OpenID Connect Core 3.1.3.7. The ID token must have an asymmetric
signature by the provider. Its claims ``iss``, ``aud``, ``azp``, ``exp``, ``iat``, ``auth_time``,
``nonce`` and ``acr`` (the level of assurance) are checked. Its ``sub`` must be that of the userinfo
answer.

The person is identified by the RPPS number in the userinfo answer. The setting ``oidc_claim`` names
the claim that contains the number. Pro Santé Connect uses ``SubjectNameID``, the default, and
writes an 8 before the number.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from dashboard.settings import Settings

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Accepted signature algorithms. All are asymmetric: a shared secret or ``none`` is refused."""

CLOCKS_DIFFER = 60
"""Maximum difference between the provider's clock and this server's clock, in seconds."""

NOT_OLDER_THAN = 600
"""Maximum age of the ID token, and of the person's last authentication, in seconds.

``CLOCKS_DIFFER`` is added.
"""

_PATIENCE = 5
_RPPS = re.compile(r"8?(\d{11})")
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class Refused(Exception):
    """Error: an answer of the provider is not accepted. ``reason`` is for the log only."""

    def __init__(self, reason: str) -> None:
        self.reason = f"provider_{reason}"
        super().__init__(self.reason)


START, CALLBACK = "/auth/provider", "/auth/provider/callback"
"""The path of this server that begins a sign-in, and the path to which the provider sends the
browser back.
"""


@dataclass(frozen=True)
class Provider:
    """The site's identity provider, and this program's registration with it."""

    name: str
    issuer: str
    discovery: str
    client_id: str
    client_secret: str
    scope: str
    acr: str
    """Required value of the claim ``acr``; empty if the provider sends no ``acr``."""
    claim: str
    redirect_uri: str


@dataclass(frozen=True)
class Asked:
    """The request to the provider for one sign-in. It is stored only in a cookie of the browser."""

    state: str
    nonce: str
    verifier: str
    back: str
    """Address of the page to open after the sign-in."""


def configured_provider(settings: Settings) -> Provider | None:
    """Return the provider of the settings; None if they name no provider or are wrong.

    ``wrong_with_provider`` says which setting is wrong.
    """
    if settings.oidc_issuer is None or wrong_with_provider(settings):
        return None
    issuer = settings.oidc_issuer
    usual = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    return Provider(
        name=settings.oidc_name,
        issuer=issuer,
        discovery=settings.oidc_discovery_url or usual,
        client_id=settings.oidc_client_id or "",
        client_secret=(
            settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        ),
        scope=settings.oidc_scope,
        acr=settings.oidc_acr,
        claim=settings.oidc_claim,
        redirect_uri=f"{(settings.public_url or '').rstrip('/')}/auth/provider/callback",
    )


def wrong_with_provider(settings: Settings) -> str | None:
    """Return a sentence about a missing or unsafe setting of the provider.

    Return None if all settings are right, or if the settings name no provider.
    """
    if settings.oidc_issuer is None:
        return None
    needed = ("oidc_client_id", "oidc_client_secret", "public_url", "sealing_key")
    missing = [f"CASE_REVIEW_{name.upper()}" for name in needed if not getattr(settings, name)]
    if missing:
        return f"Signing in at {settings.oidc_name} needs {', '.join(missing)} too."
    for address in (settings.oidc_issuer, settings.oidc_discovery_url or settings.oidc_issuer):
        if not _is_private(address):
            return f"{address} must begin with https://."
    return None


def ask(provider: Provider, back: str) -> tuple[str, Asked]:
    """Return the address of the provider to which the browser is redirected, and the request to
    store.

    The request is needed when the browser returns. ``back`` is the page to open after the sign-in.
    Raise ``Refused`` if the provider's metadata are not accepted. Raise ``RequestException`` if the
    provider does not answer.
    """
    asked = Asked(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back=back,
    )
    with _session(provider) as session:
        address, _state = session.create_authorization_url(
            _address(_metadata(provider), "authorization_endpoint"),
            state=asked.state,
            nonce=asked.nonce,
            code_verifier=asked.verifier,
            # At a shared machine, the provider may still have a session of the previous person. It
            # is therefore asked to authenticate the person again.
            prompt="login",
            # This parameter makes the provider include ``auth_time`` in the token.
            max_age=NOT_OLDER_THAN,
            **({"acr_values": provider.acr} if provider.acr else {}),
        )
    return address, asked


def person_behind(provider: Provider, asked: Asked, answer: Mapping[str, str], now: float) -> str:
    """Return the RPPS number of the person whom the provider has authenticated.

    ``answer`` has the parameters of the address with which the browser returned. ``now`` is in
    seconds since 1970. Raise ``Refused`` if a check fails. Raise ``RequestException`` if the
    provider does not answer, and ``AuthlibBaseError`` if it gives no token for the code.
    """
    # The text is encoded, because ``compare_digest`` accepts any bytes but only ASCII text.
    given = answer.get("state", "").encode(errors="replace")
    if not secrets.compare_digest(given, asked.state.encode()):
        raise Refused("state")
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise Refused("issuer")
    if "error" in answer or not answer.get("code"):
        raise Refused("error")
    metadata = _metadata(provider)
    with _session(provider) as session:
        tokens = session.fetch_token(
            _address(metadata, "token_endpoint"),
            code=answer["code"],
            code_verifier=asked.verifier,
            timeout=_PATIENCE,
            allow_redirects=False,
        )
        keys = _json(session.get(_address(metadata, "jwks_uri"), **_PLAINLY))
        claims = believed(tokens.get("id_token"), keys, provider, asked.nonce, now)
        said = _json(session.get(_address(metadata, "userinfo_endpoint"), **_DIRECTLY))
    if said.get("sub") != claims["sub"]:
        raise Refused("userinfo")
    return rpps_in(said.get(provider.claim))


def believed(
    token: object, keys: Mapping[str, Any], provider: Provider, nonce: str, now: float
) -> dict[str, Any]:
    """Return the claims of an ID token.

    Raise ``Refused`` if the signature is wrong, or if a claim is missing or wrong.
    """
    if not isinstance(token, str):
        raise Refused("token")
    try:
        claims = jwt.decode(
            token, KeySet.import_key_set(cast(Any, dict(keys))), algorithms=ALGORITHMS
        ).claims
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refused("signature") from error
    try:
        _registry(claims, provider, nonce, now).validate(claims)
    except ClaimError as error:
        # If several claims are missing, the error names them all. Only the first is logged.
        raise Refused(_REASONS[error.claim.partition(",")[0]]) from error
    return claims


class _IdTokenClaims(JWTClaimsRegistry):
    """The checks of an ID token's claims, in addition to those of any JWT."""

    def check_value(self, claim_name: str, value: object) -> None:
        """Reject a list where one text is expected. Only the audience may be a list."""
        if isinstance(value, list) and claim_name != "aud":
            raise InvalidClaimError(claim_name)
        super().check_value(claim_name, value)

    def validate_iat(self, value: object) -> None:
        """Reject a token that was issued too long ago or in the future."""
        self._check_recent("iat", value)

    def validate_auth_time(self, value: object) -> None:
        """Reject an authentication that was too long ago or is in the future."""
        self._check_recent("auth_time", value)

    def _check_recent(self, name: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidClaimError(name)
        if not -self.leeway < self.now - value < NOT_OLDER_THAN + self.leeway:
            raise InvalidClaimError(name)


_REASONS = {
    "acr": "acr",
    "aud": "audience",
    "auth_time": "long_ago",
    "azp": "party",
    "exp": "expired",
    "iat": "age",
    "iss": "issuer",
    "nbf": "not_yet",
    "nonce": "nonce",
    "sub": "subject",
}
"""Reasons for the log, by the name of the wrong claim."""


def _registry(
    claims: Mapping[str, Any], provider: Provider, nonce: str, now: float
) -> _IdTokenClaims:
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    expected: dict[str, ClaimsOption] = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "azp": {"essential": several, "value": provider.client_id},
        "nonce": {"essential": True, "value": nonce},
        **dict.fromkeys(("exp", "iat", "auth_time", "sub"), ClaimsOption(essential=True)),
    }
    if provider.acr:
        expected["acr"] = {"essential": True, "value": provider.acr}
    return _IdTokenClaims(now=int(now), leeway=CLOCKS_DIFFER, **expected)


def rpps_in(name: object) -> str:
    """Return the RPPS number in the value of this claim. Raise ``Refused`` if there is none."""
    found = _RPPS.fullmatch(name) if isinstance(name, str) and name.isascii() else None
    if found is None:
        raise Refused("name")
    return found[1]


# Redirects are not followed, so that the provider cannot make this program request other addresses.
_DIRECTLY: dict[str, Any] = {"timeout": _PATIENCE, "allow_redirects": False}
_PLAINLY: dict[str, Any] = {**_DIRECTLY, "withhold_token": True}  # nosec B105


def _session(provider: Provider) -> OAuth2Session:
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        scope=provider.scope,
        redirect_uri=provider.redirect_uri,
        code_challenge_method="S256",
    )


def _metadata(provider: Provider) -> dict[str, Any]:
    metadata = _json(requests.get(provider.discovery, timeout=_PATIENCE, allow_redirects=False))
    if metadata.get("issuer") != provider.issuer:
        raise Refused("issuer")
    return metadata


def _address(metadata: Mapping[str, Any], name: str) -> str:
    address = metadata.get(name)
    if not isinstance(address, str) or not _is_private(address):
        raise Refused("address")
    return address


def _json(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    if answer.is_redirect:
        raise Refused("redirect")
    content = answer.json()
    if not isinstance(content, dict):
        raise Refused("answer")
    return content


def _is_private(address: str) -> bool:
    """Return whether nobody else can read a connection to ``address``.

    This is so if the connection uses https, or stays on this machine.
    """
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _OWN_MACHINE)
