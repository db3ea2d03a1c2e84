"""An identity provider in a process of its own, which lies on request.

It is ``oidc-provider-mock`` with other tokens. The last ``PUT /lie`` sets the claims of the next ID
tokens (``claims``; ``null`` removes one) and their signature (``alg``). It also sets the answers of
the other addresses (``userinfo``, ``metadata``), and which of them redirects (``redirected``, a
path with the right answer).
"""

import base64
import hmac
import json
import sys
import time

import flask
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey

lie: dict = {}
asked: dict = {}


def provider() -> flask.Flask:
    app = oidc_provider_mock.app(require_nonce=True)

    @app.put("/lie")
    def tell_a_lie() -> tuple[str, int]:
        lie.clear()
        lie.update(flask.request.get_json())
        return "", 204

    @app.get("/asked")
    def what_was_asked() -> dict:
        return asked

    @app.before_request
    def sent_elsewhere() -> flask.Response | None:
        if flask.request.path != lie.get("redirected") or "elsewhere" in flask.request.args:
            return None
        return flask.redirect(f"{flask.request.path}?elsewhere=1", 307)

    @app.after_request
    def lied(response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/authorize":
            asked.update(flask.request.args)
        if response.is_json and response.status_code == 200:
            response.set_data(json.dumps(told(flask.request.path, response.get_json())))
        return response

    return app


def told(path: str, content: dict) -> dict:
    if path == "/oauth2/token" and "id_token" in content:
        return content | {"id_token": token_with(content["id_token"])}
    if path == "/userinfo":
        return content | lie.get("userinfo", {})
    if path == "/.well-known/openid-configuration":
        return content | lie.get("metadata", {})
    return content


def token_with(token: str) -> str:
    """Return the token with the requested claims, signed in the requested way."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims |= {"acr": "eidas1", "auth_time": int(time.time())} | lie.get("claims", {})
    claims = {name: value for name, value in claims.items() if value is not None}
    for name, seconds in lie.get("shifted", {}).items():
        claims[name] = int(time.time()) + seconds
    own = flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
    key = RSAKey.import_key(own)
    match lie.get("alg", "RS256"):
        case "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        case "HS256":
            # With the public key for a shared secret, which everybody knows.
            signed = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
            mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        case "another key":
            return jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048))
        case "altered":
            header, _claims, signature = jwt.encode({"alg": "RS256"}, claims, key).split(".")
            return f"{header}.{_part(claims | {'sub': 'somebody else'})}.{signature}"
        case alg:
            return jwt.encode({"alg": alg}, claims, key, algorithms=[alg])


def _part(content: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


if __name__ == "__main__":
    provider().run("localhost", int(sys.argv[1]), debug=False)
