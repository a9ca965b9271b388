"""Who may ask what: tokens, JWTs, hosts, origins."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.security import Principal, access_of, check_exposure, may
from gateway.settings import read_settings
from protogate.errors import UserError
from tests.gateway.test_app import problem
from tests.support.event_clients import open_socket
from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = "everything-everything"
READER = "reader-reader-reader"
HASHED = "hashed-hashed-hashed"
ORIGIN = "https://app.example"
BODY = {"email": "a@example.com", "first_name": "A", "last_name": "B"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("guarded")
    hashed = hashlib.sha256(HASHED.encode()).hexdigest()
    (folder / "tokens").write_text(
        f"# who\n{ALL} admin\n{READER} reader user:read events:read\nsha256:{hashed} writer user:write\n"
    )
    options = ["--token-file", str(folder / "tokens"), "--cors-origins", ORIGIN]
    with serve_gateway(folder / "data", *options) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_probes_and_pages_need_no_token(guarded: RunningGateway) -> None:
    with guarded.client() as client:
        for path in ("/livez", "/readyz", "/health"):
            assert client.get(path).status_code == 200
        assert client.get("/").status_code == 307
        assert client.get("/static/search_v2.html").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/commands/user/create"),
        ("GET", "/queries/user/x"),
        ("GET", "/events"),
        ("GET", "/events/stream"),
        ("GET", "/metrics"),
        ("GET", "/health/modules"),
        ("GET", "/delegation/slices"),
        ("GET", "/openapi.json"),
        ("POST", "/health"),
        ("GET", "/nowhere"),
    ],
)
@pytest.mark.parametrize("headers", [{}, bearer("wrong-wrong-wrong-wrong"), {"Authorization": f"Basic {ALL}"}], ids=str)
def test_everything_else_needs_a_valid_token(
    guarded: RunningGateway, method: str, path: str, headers: dict[str, str]
) -> None:
    with guarded.client() as client:
        answer = client.request(method, path, headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("token", "statuses"),
    [
        (ALL, {"create": 201, "get": 200, "events": 200, "metrics": 200}),
        (READER, {"create": 403, "get": 200, "events": 200, "metrics": 403}),
        (HASHED, {"create": 201, "get": 403, "events": 403, "metrics": 403}),
    ],
)
def test_a_token_may_do_what_its_scopes_say(guarded: RunningGateway, token: str, statuses: dict[str, int]) -> None:
    with guarded.client(bearer(ALL)) as admin:
        user = guarded.create_user(admin)["id"]
    with guarded.client(bearer(token)) as client:
        answers = {
            "create": client.post("/commands/user/create", json={**BODY, "email": f"{token}@example.com"}),
            "get": client.get(f"/queries/user/{user}"),
            "events": client.get("/events"),
            "metrics": client.get("/metrics"),
        }
        assert {name: one.status_code for name, one in answers.items()} == statuses
        for one in answers.values():
            if one.status_code == 403:
                problem(one, 403)


def test_events_say_who_did_it(guarded: RunningGateway) -> None:
    with guarded.client(bearer(ALL)) as client:
        user = guarded.create_user(client)["id"]
        (event,) = client.get("/events", params={"aggregate_id": user}).json()
    assert event["metadata"]["actor"] == "admin"


def test_keys_of_different_senders_are_different_keys(guarded: RunningGateway) -> None:
    key = {"Idempotency-Key": "shared"}
    with guarded.client() as client:
        url = "/commands/user/create"
        first = client.post(url, json={**BODY, "email": "k1@example.com"}, headers={**bearer(ALL), **key})
        second = client.post(url, json={**BODY, "email": "k2@example.com"}, headers={**bearer(HASHED), **key})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


def test_sockets_need_a_token_as_well(guarded: RunningGateway) -> None:
    for headers, status in (({}, 403), (bearer(HASHED), 403), (bearer(READER), 101)):
        with open_socket(guarded.port, headers=headers) as ws:
            assert ws.status == status


def test_pages_of_one_site_may_ask_and_those_of_others_may_not(guarded: RunningGateway) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    with guarded.client() as client:
        allowed = client.options("/commands/user/create", headers={"Origin": ORIGIN, **preflight})
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert "authorization" in allowed.headers["access-control-allow-headers"]
        read = client.get("/health", headers={"Origin": ORIGIN})
        assert read.headers["access-control-allow-origin"] == ORIGIN
        assert read.headers["vary"] == "Origin"
        refused = client.get("/events", headers={"Origin": ORIGIN})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)
        for origin in ("https://evil.example", "null", f"{ORIGIN}.evil.example"):
            other = client.options("/commands/user/create", headers={"Origin": origin, **preflight})
            assert not [name for name in other.headers if name.startswith("access-control")]
            write = client.post("/commands/user/create", json=BODY, headers={"Origin": origin, **bearer(ALL)})
            problem(write, 403)
        assert "access-control-allow-credentials" not in allowed.headers


def test_without_tokens_only_names_of_the_loopback_are_answered(gateway: RunningGateway) -> None:
    with gateway.client() as client:
        assert client.get("/health", headers={"Host": f"localhost:{gateway.port}"}).status_code == 200
        problem(client.get("/health", headers={"Host": "rebound.example"}), 403)
        problem(client.post("/commands/user/create", json=BODY, headers={"Origin": "https://evil.example"}), 403)
        own = {"Origin": gateway.url}
        assert (
            client.post(
                "/commands/user/create", json={**BODY, "email": "own-origin@example.com"}, headers=own
            ).status_code
            == 201
        )
    with open_socket(gateway.port, headers={"Origin": "https://evil.example"}) as ws:
        assert ws.status == 403


def test_no_open_gateway_is_shown_to_a_network() -> None:
    everywhere = read_settings(host="0.0.0.0")  # noqa: S104 - what is refused
    with pytest.raises(UserError, match="clients need a token"):
        check_exposure(everywhere, access_of(everywhere))
    for settings in (
        read_settings(host="0.0.0.0", token="t" * 16),  # noqa: S104 - what is allowed
        read_settings(host="0.0.0.0", insecure=True),  # noqa: S104 - as above
        read_settings(host="::1"),
    ):
        check_exposure(settings, access_of(settings))


@pytest.mark.parametrize(
    ("scopes", "may_do"),
    [
        ({"*"}, {"user:read", "user:write", "search:read"}),
        ({"user:read"}, {"user:read"}),
        ({"user:*"}, {"user:read", "user:write"}),
        ({"*:read"}, {"user:read", "search:read"}),
        (set(), set()),
    ],
    ids=["all", "one", "one-slice", "reading", "none"],
)
def test_scopes(scopes: set[str], may_do: set[str]) -> None:
    asked = {"user:read", "user:write", "search:read"}
    principal = Principal("p", frozenset(scopes))
    assert {one for one in asked if may(principal, *one.split(":"))} == may_do


SECRET = "s" * 40


def signed(key: Any, algorithm: str, **claims: object) -> bytes:  # noqa: ANN401 - what PyJWT takes
    given = {"sub": "ann", "scope": "user:read", "exp": time.time() + 60, "iss": "me", "aud": "gateway", **claims}
    return (
        b"Bearer "
        + jwt.encode(
            {name: value for name, value in given.items() if value is not None}, key, algorithm, {"kid": "k1"}
        ).encode()
    )


@pytest.fixture
def shared(tmp_path: Path) -> Any:  # noqa: ANN401 - an `Access`
    (tmp_path / "secret").write_text(SECRET)
    return access_of(read_settings(jwt_key_file=tmp_path / "secret", jwt_issuer="me", jwt_audience="gateway"))


def test_a_jwt_says_who_and_what(shared: Any) -> None:  # noqa: ANN401 - as above
    for _ in range(2):
        assert shared.principal(signed(SECRET, "HS256")) == Principal("ann", frozenset({"user:read"}))
    assert shared.principal(signed(SECRET, "HS256", scope=None, scopes=["a:read"])).scopes == {"a:read"}
    assert shared.principal(signed(SECRET, "HS256", scope=None)).scopes == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [{"exp": 1}, {"exp": None}, {"iss": "other"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"nbf": 2**40}],
    ids=str,
)
def test_a_jwt_that_is_not_for_us_or_not_now_is_none(shared: Any, wrong: dict[str, Any]) -> None:  # noqa: ANN401 - as above
    assert shared.principal(signed(SECRET, "HS256", **wrong)) is None


def test_a_jwt_of_another_key_or_algorithm_is_none(shared: Any) -> None:  # noqa: ANN401 - as above
    assert shared.principal(signed("x" * 40, "HS256")) is None
    assert shared.principal(signed(SECRET * 2, "HS512")) is None
    unsigned = jwt.encode({"sub": "ann", "exp": time.time() + 60, "iss": "me", "aud": "gateway"}, None, "none")  # type: ignore[arg-type]
    assert shared.principal(b"Bearer " + unsigned.encode()) is None
    assert shared.principal(b"Bearer junk") is None


def test_a_remembered_jwt_ends_when_it_says(shared: Any) -> None:  # noqa: ANN401 - as above
    token = signed(SECRET, "HS256", exp=time.time() + 1.2)
    assert shared.principal(token) is not None
    time.sleep(1.3)
    assert shared.principal(token) is None


def test_keys_of_a_set_are_found_by_their_ids(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}))
    access = access_of(read_settings(jwt_key_file=tmp_path / "jwks.json"))
    principal = access.principal(signed(private, "RS256", aud=None))
    assert principal is not None
    assert principal.name == "ann"
    assert access.principal(signed(rsa.generate_private_key(65537, 2048), "RS256", aud=None)) is None
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    by_pem = access_of(read_settings(jwt_key_file=tmp_path / "key.pem"))
    assert by_pem.principal(signed(private, "RS256", aud=None)) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "fewer than"), ("short", "fewer than"), ("{", "is no JSON Web Key Set"), ('{"keys":[]}', "is no JSON Web")],
)
def test_key_files_that_are_none_are_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(UserError, match=said):
        access_of(read_settings(jwt_key_file=tmp_path / "key"))


@pytest.mark.parametrize("line", ["short", "sha256:abc", "sha256:" + "zz" * 32])
def test_token_files_that_are_none_are_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "tokens").write_text(line)
    with pytest.raises(UserError, match="line 1: "):
        access_of(read_settings(token_file=tmp_path / "tokens"))


def test_a_page_of_a_rebound_name_reads_nothing(gateway: RunningGateway) -> None:
    with httpx.Client(trust_env=False) as client:
        answer = client.get(f"{gateway.url}/events", headers={"Host": "127.0.0.1.evil.example"})
    problem(answer, 403)
