"""What the site's identity provider says, and whether to believe it (OpenID Connect).

Every claim is checked here, by name, against RFC 9700 and OpenID Connect Core 3.1.3.7: the
signature by one of the provider's own keys and an algorithm with two keys, ``iss``, ``aud``,
``azp``, ``exp``, ``iat``, ``auth_time``, ``nonce``, and ``acr``, which says how surely the
provider knows the person. The person is who ``SubjectNameID`` names at the userinfo endpoint
(Pro Santé Connect: an 8 before the RPPS number), if that is about the same ``sub``.
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
"""No shared secret and no ``none``: only who has the provider's private key can have signed."""

CLOCKS_DIFFER = 60
"""Seconds by which the provider's clock may be off."""

NOT_OLDER_THAN = 600
"""Seconds since the token was made, and since the person last proved who they are."""

_PATIENCE = 5
_RPPS = re.compile(r"8?(\d{11})")
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class Refused(Exception):
    """The provider's answer is not believed; ``reason`` is for the log alone."""

    def __init__(self, reason: str) -> None:
        self.reason = f"provider_{reason}"
        super().__init__(self.reason)


START, CALLBACK = "/auth/provider", "/auth/provider/callback"
"""The paths that start signing in at the provider, and to which the browser comes back."""


@dataclass(frozen=True)
class Provider:
    """The provider of this site, and what this program is to it."""

    name: str
    issuer: str
    discovery: str
    client_id: str
    client_secret: str
    scope: str
    acr: str
    """What ``acr`` must be; empty where the provider says nothing of it."""
    claim: str
    redirect_uri: str


@dataclass(frozen=True)
class Asked:
    """What one sign-in has asked the provider with: known to this browser alone."""

    state: str
    nonce: str
    verifier: str
    back: str
    """The address to come back to."""


def configured_provider(settings: Settings) -> Provider | None:
    """The provider that the settings name, if they name one; see ``wrong_with_provider``."""
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
    """What is missing or unsafe in the settings of the provider, in a sentence."""
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
    """Where to send the browser, and what to keep of it."""
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
            # The provider may still know who was here last: whoever comes now proves it.
            prompt="login",
            # And the token says when: ``auth_time``.
            max_age=NOT_OLDER_THAN,
            **({"acr_values": provider.acr} if provider.acr else {}),
        )
    return address, asked


def person_behind(provider: Provider, asked: Asked, answer: Mapping[str, str], now: float) -> str:
    """The RPPS number of whoever the provider has sent back; raises ``Refused``.

    ``answer`` is what stands in the address, ``now`` in seconds since 1970.
    """
    # As bytes: of texts only ASCII can be compared.
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
    """The claims of an ID token in which everything is right; raises ``Refused``."""
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
        # Where several are missing, the error names them all.
        raise Refused(_REASONS[error.claim.partition(",")[0]]) from error
    return claims


class _IdTokenClaims(JWTClaimsRegistry):
    """What the claims of an ID token must be, besides what those of every token must be."""

    def check_value(self, claim_name: str, value: object) -> None:
        """Refuse a list where one text is asked for: only the audience may be several."""
        if isinstance(value, list) and claim_name != "aud":
            raise InvalidClaimError(claim_name)
        super().check_value(claim_name, value)

    def validate_iat(self, value: object) -> None:
        """Refuse a token that was made long ago, or in the future."""
        self._check_recent("iat", value)

    def validate_auth_time(self, value: object) -> None:
        """Refuse a person who proved long ago, or in the future, who they are."""
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
"""What the log calls each claim that is not right."""


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
    """The RPPS number in what the provider calls the person; raises ``Refused``."""
    found = _RPPS.fullmatch(name) if isinstance(name, str) and name.isascii() else None
    if found is None:
        raise Refused("name")
    return found[1]


# What the provider answers is its answer: it sends this program nowhere else.
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
    """Whether nobody can listen in: https, or the same machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _OWN_MACHINE)
