"""docs/reverse_proxy.md names settings, paths and limits that there are."""

import inspect
import re

import pytest

from dashboard.cli.service import serve
from dashboard.settings import Settings
from dashboard.web.auth import sessions
from dashboard.web.server import answer_page, middleware
from dashboard.web.server.asgi import app
from tests.support.repository import ROOT

DOCUMENT = (ROOT / "docs" / "reverse_proxy.md").read_text()
PING_SECONDS = int(
    re.search(r"websocketPingInterval = (\d+)", (ROOT / ".streamlit/config.toml").read_text())[1]
)
SECRET = "WyJmb3JnZWQiXQ"  # noqa: S105
HAPROXY = (ROOT / "deploy" / "haproxy.cfg").read_text()
NGINX = (DOCUMENT, (ROOT / "deploy" / "nginx.conf").read_text())
SECRET_PATHS = [
    re.sub(r"\{\w+\}", SECRET, route.path) for route in app._user_routes if "{" in route.path
]
"""A path of each route whose address has a secret."""
ADDRESSES = [*SECRET_PATHS, f"/case?episode={SECRET}"]


def example(language):
    """Return the first example in this language."""
    return re.search(rf"```{language}[^\n]*\n(.*?)```", DOCUMENT, re.DOTALL)[1]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"CASE_REVIEW_[A-Z_]+", DOCUMENT))))
def test_every_setting_that_it_names_exists(name):
    assert name.removeprefix("CASE_REVIEW_").lower() in Settings.model_fields


def test_its_settings_can_be_read(monkeypatch):
    for line in example("sh").splitlines():
        monkeypatch.setenv(*line.split("="))
    read = Settings()
    assert (read.public_url, read.trusted_proxies) == ("https://revue.example.fr", ("127.0.0.1",))


@pytest.mark.parametrize("language", ["nginx", "caddy"])
def test_it_asks_the_server_where_it_listens(language):
    given = inspect.signature(serve).parameters
    assert f"{given['address'].default}:{given['port'].default}" in example(language)


@pytest.mark.parametrize(
    ("language", "limit"),
    [("nginx", r"client_max_body_size (\d+)k;"), ("caddy", r"max_size (\d+)KB")],
)
def test_it_accepts_the_longest_form_and_little_more(language, limit):
    [kilobytes] = re.findall(limit, example(language))
    assert answer_page.LONGEST_FORM <= int(kilobytes) * 1000 <= 2 * answer_page.LONGEST_FORM


def test_a_page_that_says_nothing_for_a_while_is_not_cut_off():
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", example("nginx"))
    assert int(seconds) > 2 * PING_SECONDS
    assert f"every {PING_SECONDS} s" in DOCUMENT


def test_every_location_of_nginx_says_who_asks_for_what():
    locations = re.findall(r"location (\S+) \{(.*?)\n    \}", example("nginx"), re.DOTALL)
    assert [path for path, _ in locations] == ["/", "/auth/"]
    for _path, said in locations:
        assert re.search(r"proxy_set_header Host +\$http_host;", said)
        assert re.search(r"proxy_set_header X-Forwarded-For +\$proxy_add_x_forwarded_for;", said)
    assert all(re.search(r"Upgrade +\$http_upgrade;", said) for path, said in locations[:1])


def test_every_path_that_it_names_is_one():
    served = {route.path for route in app._user_routes} | {*middleware.OPEN, "/_stcore/metrics"}
    for path in re.findall(r"(?<=[`r])(/(?:_stcore|auth|healthz)[\w/]*)", DOCUMENT):
        assert any(one.startswith(path) for one in served), path
    assert middleware.is_closed("/_stcore/metrics")
    assert not middleware.is_closed("/_stcore/stream")


@pytest.mark.parametrize("configuration", NGINX, ids=["document", "deploy"])
def test_nginx_logs_neither_the_query_nor_the_whole_path(configuration):
    log_format = re.search(r"log_format case_review '(.*?)'", configuration)[1]
    leaking = r"\$(request|request_uri|uri|args|query_string|http_referer)\b"
    assert not re.search(leaking, log_format)
    assert "$case_review_path" in log_format


@pytest.mark.parametrize("path", SECRET_PATHS)
@pytest.mark.parametrize("configuration", NGINX, ids=["document", "deploy"])
def test_nginx_logs_no_secret_of_a_link(configuration, path):
    assert SECRET not in logged_by_nginx(configuration, path)


@pytest.mark.parametrize("address", ADDRESSES)
def test_caddy_logs_no_secret_of_an_address(address):
    [pattern] = re.findall(r"request>uri regexp (\S+) \$1", example("caddy"))
    assert SECRET not in re.sub(pattern, r"\1", address)


@pytest.mark.parametrize("address", ADDRESSES)
def test_haproxy_logs_no_secret_of_an_address(address):
    assert HAPROXY.count("set-var(txn.part) path,field(2,/)") == HAPROXY.count("\nfrontend ")
    assert "/%[var(txn.part)]" in re.search(r'log-format "(.*)"', HAPROXY)[1]
    assert SECRET not in address.partition("?")[0].split("/")[1]


def logged_by_nginx(configuration, path):
    """Return what nginx logs of this path, by the map of the configuration."""
    lines = re.search(r"map \$uri \$case_review_path \{\n(.*?)\n\}", configuration, re.DOTALL)[1]
    for pattern, logged in re.findall(r'"~(\S+)" +(\S+);', lines):
        if re.search(pattern, path):
            return logged
    return path


def test_the_cookie_that_it_speaks_of_is_ours():
    assert f"`{sessions.SECURE_COOKIE}`" in DOCUMENT
    assert f"{sessions.SECURE_COOKIE}=" in DOCUMENT
