"""The report as one page to look at: a file of its own that needs no network and no server.

What a repository says is hostile until shown otherwise: its names travel as JSON in which no `<` is left, scripts make
text nodes of them, and the policy of the page runs the one script that is known by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from protogate.discovery.page_data import page_data

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["page"]

_SCRIPTS: Final = (
    "dom.js",
    "places.js",
    "tables.js",
    "slices.js",
    "boundaries.js",
    "candidates.js",
    "rest.js",
    "page.js",
)
_ROOT: Final = "../.."
"""Links to code lead there from `reports/migration-discovery/`."""
_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")


def page(documents: Mapping[str, object], root: str = _ROOT) -> str:
    """Return `migration-discovery.html`.

    Args:
        documents: by their names; one that is missing is shown as empty.
        root: where links to code lead, as a folder seen from the page or as an address.
    """
    data = page_data(documents)
    parts = _parts()
    slots = {
        **parts,
        "title": _attribute(str(data["name"]) or "Repository"),
        "root": _attribute(root),
        "data": _embedded(data),
        "policy": "; ".join(
            (
                "default-src 'none'",
                f"script-src {_digest(parts['script'])}",
                f"style-src {_digest(parts['style'])}",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    }
    # In one pass: what is put in is never looked at again.
    return _SLOT.sub(lambda slot: slots[slot[1]], _asset("page.html"))


def _embedded(data: object) -> str:
    """Return JSON that ends no script and begins no comment, wherever it stands in a page."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _attribute(text: str) -> str:
    return html.escape(text.encode("utf-8", "replace").decode())


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _parts() -> Mapping[str, str]:
    scripts = "".join(_asset(name) for name in _SCRIPTS)
    return {"style": _asset("page.css"), "script": f'(() => {{\n"use strict";\n{scripts}}})();\n'}


@cache
def _asset(name: str) -> str:
    return (files("protogate.discovery") / "assets" / name).read_text("utf-8")
