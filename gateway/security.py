"""Who may ask, and for what: API tokens or JWTs, names of hosts, and pages of other sites.

`Guard` lets a request in and says who sends it; `Access.check` says whether this one may do what a route does.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from starlette.exceptions import HTTPException

from protogate.errors import UserError
from protogate.http.problems import Problem, problem_of, problem_response
from protogate.serving import LOOPBACK, digest, host_name, is_same_origin, knows, read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gateway.settings import Settings

__all__ = ["Access", "Guard", "Principal", "Tokens", "access_of", "check_exposure", "may"]

_SHORTEST_TOKEN: Final = 16
"""Characters; what is shorter can be guessed over the network."""
_SHORTEST_SECRET: Final = 32
"""Characters of a secret that signs: as many bytes as the digest of HS256 has."""
_SIGNED: Final = ("RS256", "ES256")
_SHARED: Final = ("HS256",)
_HASHED: Final = "sha256:"
_EVERYTHING: Final = frozenset({"*"})
_OPEN: Final = frozenset({"/", "/livez", "/readyz", "/health", "/dashboard", "/favicon.ico"})
"""What needs no token: probes, and pages, which hold nothing before their scripts ask with one."""
_OPEN_PREFIX: Final = "/static/"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_KNOWN_JWTS: Final = 1024
"""Verified ones that are remembered until they expire: to verify one costs as much as answering a query."""
_EXPOSED: Final = b"etag, location, retry-after, x-correlation-id, idempotent-replayed"
_ALLOWED_HEADERS: Final = (
    b"authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, tracestate,"
    b" x-correlation-id, x-min-position"
)


class Principal(NamedTuple):
    """Who sends a request."""

    name: str
    scopes: frozenset[str] = _EVERYTHING
    """`user:read`, `search:write`; `*` in the place of either word means all, alone everything."""

    def __str__(self) -> str:
        return self.name


def may(principal: Principal | None, area: str, action: str) -> bool:
    """Whether somebody may read or write in an area: a slice, `events`, `metrics`, `delegation` or `legacy`.

    >>> may(Principal("a", frozenset({"user:read"})), "user", "write")
    False
    """
    if principal is None:
        return True
    scopes = principal.scopes
    return bool(scopes & {"*", f"{area}:{action}", f"*:{action}", f"{area}:*", "*:*"})


class _Verifier(Protocol):
    """Tells who has a token."""

    def principal(self, token: bytes) -> Principal | None:
        """Who it is, if the token is valid now."""
        ...


class Tokens:
    """API tokens, of which only digests are kept."""

    def __init__(self, known: Sequence[tuple[bytes, Principal]]) -> None:
        """Know these digests and whose they are."""
        self._digests = tuple(one for one, _ in known)
        self._principals = tuple(principal for _, principal in known)

    def principal(self, token: bytes) -> Principal | None:
        """Who has this token."""
        place = knows(self._digests, token)
        return self._principals[place] if place >= 0 else None


class _Jwts:
    """Signed tokens of somebody else."""

    def __init__(self, keys: _Keys, algorithms: Sequence[str], issuer: str, audience: str) -> None:
        self._keys = keys
        self._algorithms = list(algorithms)
        self._issuer = issuer or None
        self._audience = audience or None
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def principal(self, token: bytes) -> Principal | None:
        """Who it is, if the token is signed, in time and for us."""
        name = sha256(token).digest()
        known = self._known.get(name)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = self._claims(token)
        if claims is None:
            return None
        principal = Principal(str(claims.get("sub") or "jwt"), _scopes_of(claims))
        self._known[name] = float(claims["exp"]), principal
        while len(self._known) > _KNOWN_JWTS:
            self._known.popitem(last=False)
        return principal

    def _claims(self, token: bytes) -> Mapping[str, Any] | None:
        import jwt  # noqa: PLC0415 - only where JWTs are configured

        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._keys.key(token),
                algorithms=self._algorithms,
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp"], "verify_aud": self._audience is not None},
            )
        except (jwt.PyJWTError, ValueError):
            return None
        return claims


class _Keys:
    """The key of a file, or those of a key set by their ids."""

    def __init__(
        self,
        one: Any,  # noqa: ANN401 - what PyJWT takes
        by_id: Mapping[str, Any],
        algorithms: Sequence[str],
    ) -> None:
        self._one = one
        self._by_id = by_id
        self.algorithms = algorithms

    def key(self, token: bytes) -> Any:  # noqa: ANN401 - as above
        """What verifies a token."""
        import jwt  # noqa: PLC0415 - as above

        if not self._by_id:
            return self._one
        name = str(jwt.get_unverified_header(token).get("kid", ""))
        if name not in self._by_id:
            raise jwt.InvalidKeyError(name)
        return self._by_id[name]


def _scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """`scope` is words between spaces (RFC 8693), `scopes` or `scp` a list in other hands; none may do nothing."""
    found = claims.get("scope", claims.get("scopes", claims.get("scp", ())))
    words = found.split() if isinstance(found, str) else found
    return frozenset(str(word) for word in words) if isinstance(words, list | tuple) else frozenset()


class Access(NamedTuple):
    """Who may ask."""

    verifiers: tuple[_Verifier, ...] = ()
    """None: everybody who reaches the port."""
    hosts: frozenset[str] = LOOPBACK
    """Names under which the server is known; empty means any."""
    origins: frozenset[bytes] = frozenset()
    """Of pages of other sites that may ask."""

    def principal(self, authorization: bytes) -> Principal | None:
        """Who it is, by the header `Authorization`."""
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = token.strip()
        return next(filter(None, (one.principal(token) for one in self.verifiers)), None)

    def caller(self, scope: Scope) -> str:
        """Who sends a request, as far as a token says so; empty for nobody in particular."""
        if not self.verifiers:
            return ""
        principal = self.principal(_seen(scope)[2])
        return principal.name if principal is not None else ""

    def check(self, scope: Scope, area: str, action: str) -> None:
        """Refuse what the sender of a request may not do.

        Raises:
            HTTPException: 403.
        """
        if not self.verifiers:
            return
        principal: Principal | None = scope.get("state", {}).get("principal")
        if principal is None or not may(principal, area, action):
            raise HTTPException(403, f"The token has not the scope {area}:{action}.")


def access_of(settings: Settings) -> Access:
    """Read tokens and keys.

    Raises:
        UserError: a file cannot be read, or a token is too short.
    """
    known: list[tuple[bytes, Principal]] = []
    if settings.token_file is not None:
        lines = read_lines(settings.token_file, "a token")
        known += [_token_of(line, f"{settings.token_file}: line {number}") for number, line in enumerate(lines, 1)]
    if settings.token:
        known.append(_token_of(settings.token, "PROTOGATE_GATEWAY_TOKEN"))
    verifiers: list[_Verifier] = [Tokens(known)] if known else []
    if settings.jwt_key_file is not None:
        keys = _read_keys(settings.jwt_key_file)
        algorithms = settings.jwt_algorithms or keys.algorithms
        verifiers.append(_Jwts(keys, algorithms, settings.jwt_issuer, settings.jwt_audience))
    hosts = frozenset(name.lower() for name in settings.allowed_hosts)
    if not hosts and not verifiers and not settings.insecure:
        hosts = LOOPBACK
    origins = frozenset(origin.rstrip("/").encode() for origin in settings.cors_origins)
    if b"*" in origins:
        raise UserError("--cors-origins *: would let every page on the web ask; name the origins")
    return Access(tuple(verifiers), hosts, origins)


def check_exposure(settings: Settings, access: Access) -> None:
    """Refuse to show an open gateway to a network.

    Raises:
        UserError: other machines can reach the address, and nobody needs a token.
    """
    if settings.host not in LOOPBACK and not access.verifiers and not settings.insecure:
        raise UserError(
            f"--host {settings.host}: other machines can reach this address, so clients need a token;"
            " give --token-file FILE or --jwt-key-file FILE, or --insecure if something else keeps strangers out"
        )


class Guard:
    """The outer side of the application: lets requests in and names who sends them."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stand before an application."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it with a problem."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        host, origin, authorization = _seen(scope)
        if origin and origin in self._access.origins:
            send = _with_cors(send, origin)
            if scope.get("method") == "OPTIONS" and _is_preflight(scope):
                await _answer_preflight(send)
                return
        refusal = self._refusal(scope, host, origin, authorization)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await problem_response(refusal, scope["path"])(scope, receive, send)
        else:
            # Before it is accepted: the handshake is answered with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.detail})

    def _refusal(self, scope: Scope, host: bytes, origin: bytes, authorization: bytes) -> Problem | None:
        access = self._access
        if access.hosts and host and host_name(host) not in access.hosts:
            return _refused(403, "This server is not known under that name; see --allowed-hosts.")
        is_unsafe = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if origin and is_unsafe and origin not in access.origins and not is_same_origin(origin, host):
            return _refused(403, "Pages of other sites may not do this; see --cors-origins.")
        if not access.verifiers:
            return None
        principal = access.principal(authorization) if authorization else None
        if principal is not None:
            scope.setdefault("state", {})["principal"] = principal
        elif not _is_open(scope):
            return _refused(401, "A valid token is needed: Authorization: Bearer TOKEN.")
        return None


def _seen(scope: Scope) -> tuple[bytes, bytes, bytes]:
    """`Host`, `Origin` and `Authorization`, found in one walk."""
    host = origin = authorization = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
        elif name == b"origin":
            origin = value
        elif name == b"authorization":
            authorization = value
    return host, origin, authorization


def _is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    return scope["type"] == "http" and scope["method"] in _SAFE and (path in _OPEN or path.startswith(_OPEN_PREFIX))


def _refused(status: int, detail: str) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="protogate gateway"'} if status == 401 else {}  # noqa: PLR2004
    return problem_of(HTTPException(status, detail, headers))


def _with_cors(send: Send, origin: bytes) -> Send:
    """Let a page of this origin read the answer. Never with credentials: tokens go in a header."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = (
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", _EXPOSED),
                (b"vary", b"Origin"),
            )
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return tell


async def _answer_preflight(send: Send) -> None:
    headers = [
        (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", _ALLOWED_HEADERS),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _token_of(line: str, where: str) -> tuple[bytes, Principal]:
    token, *rest = line.split()
    name, scopes = (rest[0], rest[1:]) if rest else ("token", [])
    principal = Principal(name, frozenset(scopes) or _EVERYTHING)
    if token.startswith(_HASHED):
        try:
            kept = bytes.fromhex(token.removeprefix(_HASHED))
        except ValueError:
            kept = b""
        if len(kept) != sha256().digest_size:
            raise UserError(f"{where}: is no SHA-256 in hexadecimal after {_HASHED!r}; give 64 digits")
        return kept, principal
    if len(token) < _SHORTEST_TOKEN:
        raise UserError(f"{where}: a token has fewer than {_SHORTEST_TOKEN} characters; use a longer one")
    return digest(token.encode()), principal


def _read_keys(path: Path) -> _Keys:
    try:
        import jwt  # noqa: PLC0415 - only where JWTs are configured
    except ImportError:
        raise UserError('JWTs need the Python package pyjwt; try: pip install "protogate[jwt]"') from None
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "is no text"
        raise UserError(f"{path}: {reason}; give a file with a PEM key, a JWKS or a secret") from None
    if text.startswith("-----"):
        return _Keys(text, {}, _SIGNED)
    if not text.startswith("{"):
        if len(text) < _SHORTEST_SECRET:
            raise UserError(f"{path}: a secret has fewer than {_SHORTEST_SECRET} characters; use a longer one")
        return _Keys(text, {}, _SHARED)
    try:
        keys = jwt.PyJWKSet.from_json(text).keys
    except (jwt.PyJWTError, ValueError) as error:
        raise UserError(f"{path}: is no JSON Web Key Set: {error}; give one") from None
    return _Keys(None, {str(key.key_id): key for key in keys}, _SIGNED)
