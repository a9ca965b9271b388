"""What a language model is asked about a plan, and how its answer is marked; nothing is sent from here."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["advice_document", "advice_page", "answer_of", "question", "request_body", "source_places"]

_TASK: Final = (
    "You advise architects who take a legacy system apart slice by slice (strangler pattern). You get a plan that was "
    "computed from the code: slices, the lines that cross their borders, tables, waves. Say for each slice in a few "
    "sentences what the plan may miss, which seam to cut first, and what to ask the owners. Name files and slices as "
    "the plan does. Do not repeat figures, and do not invent any."
)
_MOST_SLICES: Final = 12
_MOST_SEAMS: Final = 25
_MOST_PLACES: Final = 40


def question(
    plan: Sequence[Mapping[str, Any]], waves: Mapping[str, Any], summary: Mapping[str, Any], source: Mapping[str, str]
) -> dict[str, object]:
    """Return what is sent: the structure of the plan, and lines of source only where they were asked for.

    Args:
        plan: `delegation-plan.generated.json`.
        waves: `migration-wave-plan.json`.
        summary: `migration-discovery.summary.json`.
        source: text by `file:line`; empty unless somebody wants source to be sent.
    """
    asked: dict[str, object] = {
        "profile": summary.get("profile", {}),
        "counts": summary.get("counts", {}),
        "slices": [_slice(row) for row in plan[:_MOST_SLICES]],
        "waves": [
            {"number": wave["wave_number"], "name": wave["wave_name"], "why": wave["priority_reason"]}
            for wave in waves.get("waves", [])
        ],
        "circles": waves.get("circles", []),
    }
    if source:
        asked["source"] = dict(source)
    return asked


def _slice(row: Mapping[str, Any]) -> dict[str, object]:
    seams = Counter((cut["direction"], cut["source"], cut["target"], cut["remedy"]) for cut in row["cuts"])
    return {
        "slice": row["slice"]["slice_name"],
        "module": row["module"],
        "archetype": row["archetype"],
        "score": row["score"],
        "reasons": row["reasons"],
        "modules": [one["module"] for one in row["contents"]["modules"]],
        "seams": [
            {"direction": direction, "source": source, "target": target, "remedy": remedy, "lines": count}
            for (direction, source, target, remedy), count in seams.most_common(_MOST_SEAMS)
        ],
        "tables": [{"table": one["table"], "owner": one["owner"], "verdict": one["verdict"]} for one in row["data"]],
        "risks": row["risks"],
        "effort": {"p50": row["effort_basis"]["p50"], "p90": row["effort_basis"]["p90"]},
    }


def source_places(plan: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return the lines whose source may help: the dearest cuts of every slice, each once."""
    cuts = [cut for row in plan[:_MOST_SLICES] for cut in row["cuts"]]
    dearest = sorted(cuts, key=lambda cut: (-cut["points"], cut["file"], cut["line"]))
    return list(dict.fromkeys((str(cut["file"]), int(cut["line"])) for cut in dearest))[:_MOST_PLACES]


def request_body(model: str, asked: Mapping[str, object]) -> bytes:
    """Return the body of a request to an OpenAI-compatible endpoint."""
    messages = [
        {"role": "system", "content": _TASK},
        {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
    ]
    return json.dumps({"model": model, "messages": messages, "temperature": 0}, ensure_ascii=False).encode()


def answer_of(body: bytes) -> str:
    """Return the text of an answer.

    Raises:
        ValueError: the answer has none; the message says what it has instead.
    """
    try:
        document = json.loads(body)
    except ValueError:
        raise ValueError(f"is no JSON: {body[:80].decode('utf-8', 'replace')!r}") from None
    try:
        text = document["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        keys = ", ".join(sorted(document)) if isinstance(document, dict) else type(document).__name__
        raise ValueError(f"has no choices[0].message.content; it has {keys}") from None
    if not isinstance(text, str) or not text.strip():
        raise ValueError("has an empty message")
    return text.strip()


def advice_document(model: str, endpoint: str, asked: Mapping[str, object], text: str) -> dict[str, object]:
    """Return `migration-advice.json`: an answer that nobody can take for something measured."""
    return {
        "kind": "advice",
        "note": "Written by a language model from the plan. Nothing here was measured; check it before you act on it.",
        "model": model,
        "endpoint": endpoint,
        "sent": {"keys": sorted(asked), "source": "source" in asked, "bytes": len(json.dumps(asked).encode())},
        "text": text,
    }


def advice_page(document: Mapping[str, object]) -> str:
    """Return `migration-advice.md`."""
    quoted = "\n".join(_quoted(str(document["text"]).splitlines()))
    return f"# Advice\n\n**{document['note']}** Model: `{document['model']}`.\n\n{quoted}\n"


def _quoted(lines: Iterable[str]) -> list[str]:
    return [f"> {line}".rstrip() for line in lines]
