"""Smoke checks of slices: what a line of a slice asks for, and whether a running gateway gives it.

A check is one line::

    GET /queries/search?q=a
    GET /queries/user/absent -> 404 type, title
    POST /commands/user/create {"email": "smoke-{unique}@example.com"} -> 201 id, position

that is a method and a path, the JSON of a body, and behind an arrow the status that must come, 200 where nothing is
said, with the members that the answer must have. `{unique}` is another word on each run. Every request is bounded in
time and size, also one that never ends by itself: of an event stream only the beginning counts.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Client", "Outcome", "SmokeCheck", "parse_check", "run_checks"]

_LINE: Final = re.compile(
    r"(?P<method>[A-Z]+)\s+(?P<path>/\S*)(?:\s+(?P<body>[\[{].*?))?(?:\s*->\s*(?P<status>[1-5]\d\d)(?P<keys>[\w ,]*))?",
    re.DOTALL,
)
_SAFE: Final = frozenset({"GET", "HEAD"})
_UNIQUE: Final = "{unique}"
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of an answer that are read."""
_STREAM: Final = "text/event-stream"
_OK: Final = 200


class SmokeCheck(NamedTuple):
    """One request and what must come back."""

    text: str
    """As the slice says it."""
    method: str
    path: str
    body: str = ""
    """JSON; empty for none."""
    status: int = _OK
    keys: tuple[str, ...] = ()
    """Members that the answer, or the first of a list, must have."""

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing."""
        return self.method in _SAFE


class Outcome(NamedTuple):
    """What became of a check."""

    slice: str
    check: str
    status: int | None
    """Of the answer; None without one."""
    milliseconds: int
    problem: str = ""
    """Why it failed; empty when it passed."""
    is_skipped: bool = False
    """Whether it was left out, as it would have changed something."""


def parse_check(text: str) -> SmokeCheck:
    """Read a check.

    Raises:
        UserError: it is none.

    >>> parse_check("GET /queries/user/absent -> 404 type, title").keys
    ('type', 'title')
    """
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise UserError(f"smoke check {text!r}: is no METHOD /path [JSON] [-> STATUS [member, member]]")
    body = found["body"] or ""
    try:
        if body:
            json.loads(body)
    except ValueError as error:
        raise UserError(f"smoke check {text!r}: its body is no JSON: {error}") from None
    keys = tuple(filter(None, re.split(r"[ ,]+", found["keys"] or "")))
    return SmokeCheck(text, found["method"], found["path"], body, int(found["status"] or _OK), keys)


class Client:
    """Asks one server, for so many seconds each time."""

    def __init__(self, url: str, token: str = "", seconds: float = 10.0) -> None:
        """Know where the server is; nothing is sent yet.

        Raises:
            UserError: the URL is none.
        """
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            self._address = (parts.hostname or "", parts.port)
        except ValueError:
            self._address = ("", None)
        if parts.scheme not in {"http", "https"} or not self._address[0]:
            raise UserError(f"--url {url!r}: is no URL of a gateway; use http://host:port")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._scheme = parts.scheme
        self._prefix = parts.path.rstrip("/")
        self._token = token
        self._seconds = seconds

    def wait_until_well(self, seconds: float) -> None:
        """Wait, so many seconds at most, until read models are there; if they never are, a check will tell."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException, UserError):
                if self.document("/health").get("status") == "ok" and self.ask("GET", "/readyz")[0] == _OK:
                    return
            time.sleep(0.05)

    def document(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """What a path gives, which must be JSON.

        Raises:
            UserError: the server cannot be asked, or says no.
        """
        try:
            status, _, body = self.ask("GET", path)
            document = json.loads(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UserError(f"{self.url}{path}: {_said(error)}; give the URL of a running gateway") from None
        if status != _OK:
            raise UserError(f"{self.url}{path}: answers {status}{_detail(body)}; give the URL of a running gateway")
        return document

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str, bytes]:
        """Send a request; give status, media type and body, of a stream only the first bytes.

        Raises:
            OSError: there is no answer in time.
            http.client.HTTPException: the answer is not HTTP.
        """
        deadline = time.monotonic() + self._seconds
        kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
        connection = kind(*self._address, timeout=self._seconds)
        headers = {"Accept": "*/*", **({"Content-Type": "application/json"} if body else {})}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, f"{self._prefix}{path}", body.encode() or None, headers)
            response = connection.getresponse()
            media = response.headers.get_content_type()
            return response.status, media, _read(connection, response, deadline, is_stream=media == _STREAM)
        finally:
            connection.close()


def _read(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float, *, is_stream: bool
) -> bytes:
    body = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer does not end in time")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(65536)
        body += piece
        if not piece or is_stream:
            return bytes(body)
        if len(body) > _LARGEST:
            raise OSError(f"the answer has more than {_LARGEST} bytes")


def run_checks(client: Client, name: str, checks: Iterable[str], unique: str, *, writes: bool) -> Iterator[Outcome]:
    """Run the checks of one slice.

    Args:
        client: asks the gateway.
        name: of the slice.
        checks: as the slice says them.
        unique: what `{unique}` stands for.
        writes: whether checks that change something are run; otherwise they are skipped.
    """
    for text in checks:
        try:
            check = parse_check(text)
        except UserError as error:
            yield Outcome(name, text, None, 0, str(error))
            continue
        if check.is_safe or writes:
            yield _run(client, name, check, unique)
        else:
            yield Outcome(name, check.text, None, 0, is_skipped=True)


def _run(client: Client, name: str, check: SmokeCheck, unique: str) -> Outcome:
    begun = time.monotonic()
    status: int | None = None
    try:
        status, media, body = client.ask(
            check.method, check.path.replace(_UNIQUE, unique), check.body.replace(_UNIQUE, unique)
        )
        problem = _problem(check, status, media, body)
    except (OSError, ValueError, http.client.HTTPException) as error:
        problem = _said(error)
    return Outcome(name, check.text, status, round((time.monotonic() - begun) * 1000), problem)


def _problem(check: SmokeCheck, status: int, media: str, body: bytes) -> str:
    """What is wrong with an answer; empty for nothing."""
    if status != check.status:
        return f"expected {check.status}{_detail(body)}"
    if not check.keys:
        return ""
    if not media.endswith("json"):
        return f"expected JSON, not {media}"
    try:
        document = json.loads(body)
    except ValueError as error:
        return f"expected JSON: {error}"
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return f"expected an object with {', '.join(check.keys)}"
    missing = [key for key in check.keys if key not in first]
    return f"the answer lacks {', '.join(missing)}" if missing else ""


def _detail(body: bytes) -> str:
    """What a problem document says, as an addition to a sentence."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    detail = document.get("detail") if isinstance(document, dict) else None
    return f": {detail}" if isinstance(detail, str) and detail else ""


def _said(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (reason or type(error).__name__).lower()
