"""The reference implementations that say whether a text is a valid ProtoJSON document.

None of them is right alone: three vote on every probe, and protobuf-go breaks what they dispute.
"""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import json_format, message_factory
from protobuf import Registry
from protobuf._file_registry import add_file  # no public way leads from a descriptor set to types
from protobuf.wkt import FileDescriptorSet

from tests.agreement.rules import RuleJudge
from tests.agreement.workspace import digest, run, tool
from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.agreement.probes import Probe
    from tests.agreement.schemas import Schema

__all__ = ["Decision", "decide"]

_NODE_ORACLE = Path(__file__).parent / "node" / "protobuf_es.mjs"
_GO_WORKERS = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What the oracles made of a probe."""

    probe: Probe
    valid: bool | None
    """None: the oracles disagree, so nothing may be asserted of this text."""
    votes: str
    """One letter an oracle (upb, protobuf-es, protobuf-py, Go): + accepts, - refuses, ! crashes."""
    breaks_rules: bool = False
    """Valid ProtoJSON, but against the contract's rules."""
    canonical: tuple[str, ...] = ()
    """What the oracles that can serialise write for a valid document: no target may refuse it."""


@dataclass(frozen=True, slots=True)
class _Vote:
    accepts: bool | None
    canonical: str | None = None


def decide(schema: Schema, probes: Sequence[Probe]) -> list[Decision]:
    """Decide every probe: three of a kind, else three of four. Verdicts are kept on disk."""
    cache = _Cache(schema)
    open_probes = [probe for probe in probes if probe not in cache]
    if open_probes:
        cache.add(_decide_anew(schema, open_probes))
    decisions = [cache.decision(probe) for probe in probes]
    return _judged_by_rules(schema, decisions) if schema.has_rules else decisions


def _judged_by_rules(schema: Schema, decisions: list[Decision]) -> list[Decision]:
    """Valid ProtoJSON that breaks a rule of its contract is not valid. Never kept on disk: rules may ask the clock."""
    judge = RuleJudge(schema)

    def judged(one: Decision) -> Decision:
        if not one.valid:
            return one
        keeps = judge.keeps_rules(one.probe.message, one.probe.text)
        canonical = one.canonical if keeps else ()
        return replace(
            one, valid=keeps, votes=f"{one.votes} rules {keeps}", breaks_rules=keeps is False, canonical=canonical
        )

    return list(map(judged, decisions))


def _decide_anew(schema: Schema, probes: Sequence[Probe]) -> list[Decision]:
    panels = list(zip(_upb(schema, probes), _protobuf_es(schema, probes), _protobuf_py(schema, probes), strict=True))
    disputed = [number for number, panel in enumerate(panels) if not _unanimous(panel)]
    go = dict(zip(disputed, _protobuf_go(schema, [probes[number] for number in disputed]), strict=True))
    return [
        _decision(probe, (*panel, go[number]) if number in go else panel)
        for number, (probe, panel) in enumerate(zip(probes, panels, strict=True))
    ]


def _unanimous(panel: Sequence[_Vote]) -> bool:
    return len({vote.accepts for vote in panel}) == 1 and panel[0].accepts is not None


def _decision(probe: Probe, panel: Sequence[_Vote]) -> Decision:
    accepts = [vote.accepts for vote in panel]
    valid = next((side for side in (True, False) if accepts.count(side) >= 3), None)
    canonical = _canonical([vote.canonical for vote in panel if vote.canonical]) if valid else ()
    votes = "".join({True: "+", False: "-", None: "!"}[side] for side in accepts)
    return Decision(probe, valid, votes, canonical=canonical)


def _canonical(texts: Sequence[str]) -> tuple[str, ...]:
    """The documents that the oracles write, if they mean the same.

    Lossy ones do not: JavaScript moves integers beyond 2**53, and keeps floats that no 32 bits hold.
    """
    values = [json.loads(text) for text in texts]
    return tuple(dict.fromkeys(text for text, value in zip(texts, values, strict=True) if value == values[0]))


def _upb(schema: Schema, probes: Iterable[Probe]) -> list[_Vote]:
    votes = []
    for probe in probes:
        kind = message_factory.GetMessageClass(schema.pool.FindMessageTypeByName(probe.message))
        try:
            message = json_format.Parse(probe.text, kind(), descriptor_pool=schema.pool)
            if not message.IsInitialized():
                # json_format leaves required fields to the serialiser.
                votes.append(_Vote(accepts=False))
                continue
            text = json_format.MessageToJson(message, indent=None, descriptor_pool=schema.pool)
            votes.append(_Vote(accepts=True, canonical=text))
        except (json_format.Error, ValueError, RecursionError):
            votes.append(_Vote(accepts=False))
        except (AttributeError, TypeError, KeyError):
            votes.append(_Vote(accepts=None))
    return votes


def _protobuf_es(schema: Schema, probes: Iterable[Probe]) -> list[_Vote]:
    lines = "".join(json.dumps({"m": probe.message, "t": probe.text}) + "\n" for probe in probes)
    env = {"PROTOGATE_NODE_MODULES": str(node_modules())}
    done = run([tool("node"), str(_NODE_ORACLE), str(schema.image_path)], stdin=lines.encode(), env=env)
    answers = (json.loads(line) for line in done.out.splitlines())
    return [_Vote(accepts=answer["ok"], canonical=answer.get("canonical")) for answer in answers]


def _protobuf_py(schema: Schema, probes: Iterable[Probe]) -> list[_Vote]:
    registry = Registry()
    for file in FileDescriptorSet.from_binary(schema.image).file:
        add_file(registry, file, None)
    votes = []
    for probe in probes:
        descriptor = registry.message(probe.message)
        assert descriptor is not None
        try:
            message = descriptor.type.from_json(probe.text, registry=registry)
            message.to_binary()
        except Exception:  # noqa: BLE001 - it documents several kinds and raises more
            votes.append(_Vote(accepts=False))
        else:
            votes.append(_Vote(accepts=True))
    return votes


def _protobuf_go(schema: Schema, probes: Sequence[Probe]) -> list[_Vote]:
    buf = tool("buf")

    def ask(probe: Probe) -> _Vote:
        command = [buf, "convert", str(schema.image_path), "--type", probe.message]
        command += ["--from", "-#format=json", "--to", "-#format=binpb"]
        done = subprocess.run(command, input=probe.text.encode(), capture_output=True, check=False)
        said = done.stderr.decode(errors="replace")
        if done.returncode != 0 and "unmarshal" not in said and "proto:" not in said:
            return _Vote(accepts=None)
        return _Vote(accepts=done.returncode == 0)

    with ThreadPoolExecutor(_GO_WORKERS) as workers:
        return list(workers.map(ask, probes))


class _Cache:
    """Decided probes of one image, one JSON object a line."""

    def __init__(self, schema: Schema) -> None:
        code = Path(__file__).read_bytes() + _NODE_ORACLE.read_bytes()
        self.path = schema.place / f"verdicts-{digest(schema.image, code)}.jsonl"
        self.known: dict[tuple[str, str], tuple[bool | None, str, list[str]]] = {}
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                message, text, valid, votes, canonical = json.loads(line)
                self.known[message, text] = (valid, votes, canonical)

    def __contains__(self, probe: Probe) -> bool:
        return (probe.message, probe.text) in self.known

    def add(self, decisions: Iterable[Decision]) -> None:
        for old in self.path.parent.glob("verdicts-*.jsonl"):
            if old != self.path:
                old.unlink()
        with self.path.open("a") as out:
            for one in decisions:
                key = (one.probe.message, one.probe.text)
                self.known[key] = (one.valid, one.votes, list(one.canonical))
                out.write(json.dumps([*key, one.valid, one.votes, one.canonical]) + "\n")

    def decision(self, probe: Probe) -> Decision:
        valid, votes, canonical = self.known[probe.message, probe.text]
        return Decision(probe, valid, votes, canonical=tuple(canonical))
