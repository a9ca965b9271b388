"""Documents that judges decided about, as rows of real databases.

Every message of the judged schemas is made a table. The rows of a valid document must be taken and those of one that
breaks a rule refused, except for what the report says is not carried.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.sql import Settings
from protoc_gen_protogate.targets.sql.rows import rows_of
from tests.agreement.oracles import decide
from tests.agreement.pool_development import DEVELOPMENT
from tests.agreement.probes import Depth, probes_for
from tests.agreement.rules import RuleJudge
from tests.agreement.schemas import load
from tests.targets.sql.judged import NUL, Tabled, cannot_hold, canonical_document, with_key

if TYPE_CHECKING:
    from typing import Any

    from protoc_gen_protogate.targets.sql.rows import Row
    from tests.agreement.oracles import Decision
    from tests.agreement.schemas import Schema
    from tests.targets.sql.databases import Database

pytestmark = pytest.mark.node

SETTINGS = {
    "default": Settings(),
    "json": Settings(nested="json", repeated="json", enum="number", timestamp="text"),
    "tables": Settings(nested="child", timestamp="nanos", open_enums=True),
}
_CHOICES = [
    pytest.param(settings, id=name, marks=() if name == "default" else pytest.mark.slow)
    for name, settings in SETTINGS.items()
]

OVERFLOW = "value out of range: overflow"
"""Where the arithmetic of a CEL rule leaves the range of a double, PostgreSQL refuses the row and CEL goes on."""


@lru_cache(maxsize=1)
def _judged(name: str) -> tuple[Schema, RuleJudge, dict[str, list[Decision]]]:
    schema = load(name)
    decisions: dict[str, list[Decision]] = {}
    for decision in decide(schema, probes_for(schema, DEVELOPMENT, Depth())):
        decisions.setdefault(decision.probe.message, []).append(decision)
    return schema, RuleJudge(schema), decisions


@pytest.mark.parametrize("settings", _CHOICES)
@pytest.mark.parametrize("name", ["conformance", "fixtures", "rules", "contracts"])
def test_rows_of_valid_documents_are_taken_and_others_refused(
    name: str, settings: Settings, database: Database
) -> None:
    schema, judge, decisions = _judged(name)
    tabled = Tabled(schema, settings._replace(dialect=database.dialect))
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for file, ddl in tabled.outputs.items():
        database.load(ddl)
        for message, table in tabled.tables(file).items():
            for decision in decisions.get(message, ()):
                if decision.valid is None or not (decision.valid or decision.breaks_rules):
                    continue
                document = with_key(table, _canonical(schema, decision))
                rows = list(rows_of(table, document, database.dialect, key=1))
                verdict, said = _verdict(tabled, judge, decision, rows, database)
                verdicts[verdict] += 1
                if verdict.isupper():
                    wrong.append(f"{verdict} {message} {document}: {said}")
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *wrong[:10]])
    assert verdicts["taken"] > 1000, verdicts


def _canonical(schema: Schema, decision: Decision) -> dict[str, Any]:
    if not decision.canonical:
        return canonical_document(schema, decision.probe.message, decision.probe.text)
    document = json.loads(decision.canonical[0])
    assert isinstance(document, dict)
    return document


def _verdict(
    tabled: Tabled, judge: RuleJudge, decision: Decision, rows: list[Row], database: Database
) -> tuple[str, str]:
    said = database.refusal(rows)
    if "foreign key" in said.lower() or "ForeignKeyViolation" in said:
        return "points to another row", said
    beyond = set(cannot_hold(rows, database.dialect))
    is_reported = all(field == NUL or (field, "value") in tabled.not_carried for field in beyond)
    if beyond and is_reported:
        return "cannot be held", said
    if decision.valid:
        if not said:
            return "taken", said
        return ("overflow" if OVERFLOW in said else "VALID REFUSED"), said
    if said:
        return "refused", said
    silent = judge.breaks_only(decision.probe.message, decision.probe.text, tabled.not_carried)
    return ("reported" if silent else "BROKEN TAKEN"), said
