"""`protogate discovery advise`: notes of a language model on a plan, marked as advice."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from protogate.console import enter_project, parser, print_json, waiting
from protogate.discovery.advice import (
    advice_document,
    advice_page,
    answer_of,
    question,
    request_body,
    source_places,
)
from protogate.discovery.writing import json_text, read_document, write_texts
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]

_ENDPOINT: Final = "https://openrouter.ai/api/v1/chat/completions"
_MODEL: Final = "openrouter/auto"
_OUTPUT: Final = "reports/migration-discovery"
_PATIENCE: Final = 120
"""Seconds."""
_AROUND: Final = 3
"""Lines before and after one whose source is sent."""
_LONGEST: Final = 200


def run(command: str, arguments: Sequence[str]) -> int:
    """Ask, and write the answer beside the reports."""
    made = parser(
        command,
        "Ask a language model for notes on the plan of an earlier `protogate discovery`. The structure of the\n"
        "plan is sent: names of modules, files, tables, counts. Source text is sent only with --include-source.\n"
        "OPENROUTER_API_KEY holds the key, LLM_MODEL the model; without a key nothing is sent.",
        [command, f"{command} --dry-run", f"{command} --url http://localhost:11434/v1/chat/completions"],
    )
    made.add_argument("--repo-root", default=".", metavar="DIR", help="the repository; default: this directory")
    made.add_argument("--output-dir", default=_OUTPUT, metavar="DIR", help=f"of the reports; default: {_OUTPUT}")
    made.add_argument("--include-source", action="store_true", help="send the lines around the dearest cuts too")
    made.add_argument("--url", default=_ENDPOINT, metavar="URL", help=f"OpenAI-compatible; default: {_ENDPOINT}")
    made.add_argument("--model", metavar="NAME", help="default: LLM_MODEL, else " + _MODEL)
    made.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    root = Path(options.repo_root)
    output = root / options.output_dir
    asked = _asked(root, output, with_source=options.include_source)
    if options.dry_run:
        print_json(asked)
        return EXIT_OK
    key = os.environ.get("OPENROUTER_API_KEY", "")
    if not key:
        raise UserError("OPENROUTER_API_KEY is not set; nothing was sent. --dry-run shows what would be")
    model = options.model or os.environ.get("LLM_MODEL") or _MODEL
    with waiting(f"waiting for {model}"):
        text = _answer(options.url, key, request_body(model, asked))
    document = advice_document(model, options.url, asked, text)
    if options.json:
        print_json(document)
    files = {"migration-advice.json": json_text(document), "migration-advice.md": advice_page(document)}
    for name in write_texts(output, files):
        if not options.json:
            print((output / name).as_posix())
    return EXIT_OK


def _asked(root: Path, output: Path, *, with_source: bool) -> dict[str, object]:
    names = ("delegation-plan.generated", "migration-wave-plan", "migration-discovery.summary")
    missing = [name for name in names if not (output / f"{name}.json").exists()]
    if missing:
        raise UserError(f"{output}/{missing[0]}.json is missing; run `protogate discovery` first")
    plan, waves, summary = (read_document(output / f"{name}.json") for name in names)
    source = _source(root, source_places(plan)) if with_source else {}
    return question(plan, waves, summary, source)


def _source(root: Path, places: Sequence[tuple[str, int]]) -> dict[str, str]:
    found = {}
    for file, line in places:
        try:
            lines = (root / file).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        found[f"{file}:{line}"] = "\n".join(lines[max(0, line - 1 - _AROUND) : line + _AROUND])
    return found


def _answer(url: str, key: str, body: bytes) -> str:
    """Return the answer's text.

    Raises:
        UserError: the endpoint cannot be reached, refuses, or answers something else.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise UserError(f"--url {url}: is no http or https address")
    request = urllib.request.Request(  # noqa: S310 - checked above
        url, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310 - checked above
            answer: bytes = response.read()
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(_LONGEST).decode("utf-8", "replace").split())
        raise UserError(f"{url}: answers {error.code} {error.reason}: {said}") from None
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason: Any = getattr(error, "reason", error)
        raise UserError(f"{url}: cannot be reached: {reason}") from None
    try:
        return answer_of(answer)
    except ValueError as error:
        raise UserError(f"{url}: the answer {error}") from None
