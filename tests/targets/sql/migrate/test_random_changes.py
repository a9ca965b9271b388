"""The law of migrations for contracts that nobody thought of."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from tests.targets.sql.migrate.contracts import file_set, tables
from tests.targets.sql.migrate.laws import Versions
from tests.targets.sql.migrate.live import Refused, fill
from tests.targets.sql.migrate.random_contracts import Contract, Field, contract_pairs, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.targets.sql.migrate.live import Live

quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"nested": "child"},
    {"nested": "json"},
    {"repeated": "json"},
    {"enum": "number"},
    {"timestamp": "nanos"},
)
options = st.sampled_from(OPTIONS)


def started(live: Live, old: Contract, new: Contract, chosen: Mapping[str, str]) -> Versions:
    """Old tables with rows; UNIQUE and rules may refuse a document, and such contracts say nothing."""
    versions = Versions(old.text, new.text, documents(old), {}, chosen)
    try:
        versions.start(live)
    except (sqlite3.Error, psycopg.Error) as error:
        assume("unique" not in str(error).lower() and "check" not in str(error).lower())
        raise
    return versions


def unchanged_columns(old: Contract, new: Contract) -> list[tuple[str, str]]:
    """Names before and after of the fields of the table that are the same but for their names and rules."""
    after = {field.number: field for field in new.fields}
    single = [one for one in old.fields if one.label in {"", "optional"} and one.kind not in {"Part", "E"}]
    return [
        (one.name, after[one.number].name)
        for one in single
        if one.number in after and (after[one.number].kind, after[one.number].label) == (one.kind, one.label)
    ]


def values(live: Live, table: str, column: str) -> list[Any]:
    return live.rows(f'SELECT id, "{column}" AS value FROM {table} ORDER BY id')


@quick
@given(contract_pairs(), options)
def test_a_script_makes_the_new_tables_or_changes_nothing(
    live: Live, pair: tuple[Contract, Contract], chosen: dict[str, str]
) -> None:
    old, new = pair
    wanted = Versions(old.text, new.text, options=chosen).wanted(live)
    versions = started(live, old, new, chosen)
    structure = live.structure()
    kept = unchanged_columns(old, new)
    before = [values(live, "users", name) for name, _ in kept]
    migration = versions.migration(live.dialect, destructive=True)
    try:
        live.run(versions.script(live.dialect, destructive=True))
    except Refused:
        assert migration.open_decisions or migration.notes, "nobody said that it may fail"
        assert live.structure() == structure
        assert [values(live, "users", name) for name, _ in kept] == before
    else:
        assert live.structure() == wanted
        assert [values(live, new.table or "users", name) for _, name in kept] == before


@quick
@given(contract_pairs(), options)
def test_the_destructive_part_can_wait(live: Live, pair: tuple[Contract, Contract], chosen: dict[str, str]) -> None:
    old, new = pair
    wanted = Versions(old.text, new.text, options=chosen).wanted(live)
    versions = started(live, old, new, chosen)
    try:
        live.run(versions.script(live.dialect, destructive=False))
    except Refused:
        migration = versions.migration(live.dialect)
        assert migration.open_decisions or migration.notes, "nobody said that it may fail"
        return
    if all(decision.rule != "lossy" for decision in versions.migration(live.dialect).decisions):
        check_new_programs(live, new, versions)
    try:
        versions.finish(live)
    except Refused:
        assert versions.migration(live.dialect).notes
    else:
        assert live.structure() == wanted


def check_new_programs(live: Live, new: Contract, versions: Versions) -> None:
    """What the tables of the new contract take is taken while old columns are still there."""
    after = tables(new.text, versions.settings(live.dialect))
    for number, document in enumerate(documents(new), 10):
        other = {**document, "id": number if new.number_key else f"k{number}"}
        refusal = ""
        try:
            fill(live, after, [other])
        except (sqlite3.Error, psycopg.Error) as error:
            refusal = str(error).lower()
        # The generator knows few of the rules; a column that is in the way says so by its name or by its NULL.
        assert not any(word in refusal for word in ("not null", "not-null", "old_"))


def comparable_columns(old: Contract, new: Contract) -> list[str]:
    """Columns whose values the bytes of a message decide: the number tells the field, and the name nothing else."""
    by_number = {field.number: field for field in old.fields}
    names = {field.name for field in old.fields}
    parts = [one for one in new.part if one.number in {other.number for other in old.part}]
    same_part = all(_means_the_same(_numbered(old.part, one.number), one, old, new) for one in parts) and all(
        one in parts or one.name not in {other.name for other in old.part} for one in new.part
    )
    found = []
    for field in new.fields:
        before = by_number.get(field.number)
        if field.label in {"repeated", "map"} or (field.kind == "Part" and not same_part):
            continue
        if (before is None and field.name not in names) or _means_the_same(before, field, old, new):
            inside = [f"{field.name}_{one.name}" for one in new.part] if field.kind == "Part" else [field.name]
            found.extend(inside)
    return found


def _numbered(fields: tuple[Field, ...], number: int) -> Field:
    return next(one for one in fields if one.number == number)


def _means_the_same(before: Field | None, after: Field, old: Contract, new: Contract) -> bool:
    if before is None or before.kind != after.kind or (before.label, after.label) == ("", "optional"):
        return False
    if before.label in {"repeated", "map"}:
        return False
    if after.kind != "E":
        return True
    numbers = dict(new.values)
    return all(number in numbers.values() and numbers.get(name, number) == number for name, number in old.values)


def transcoded(old: Contract, new: Contract, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a program of the new contract reads in the bytes of an old one."""
    kinds = []
    for contract in (old, new):
        pool = DescriptorPool()
        for file in file_set(contract.text).file:
            pool.Add(file)
        kinds.append(GetMessageClass(pool.FindMessageTypeByName("shop.v1.User")))
    data = json_format.ParseDict(dict(document), kinds[0]()).SerializeToString()
    try:
        found: dict[str, Any] = json_format.MessageToDict(kinds[1].FromString(data))
    except (DecodeError, UnicodeDecodeError):
        reject()
    return found


@quick
@given(contract_pairs(), options)
def test_rows_are_what_the_bytes_of_old_messages_say(
    live: Live, pair: tuple[Contract, Contract], chosen: dict[str, str]
) -> None:
    old, new = pair
    versions = started(live, old, new, chosen)
    wanted = [transcoded(old, new, document) for document in versions.documents]
    try:
        live.run(versions.script(live.dialect, destructive=True))
    except Refused:
        return
    after = tables(new.text, versions.settings(live.dialect))
    names = [column.name for column in after[0].columns if column.name in comparable_columns(old, new)]
    listed = ", ".join(f'"{name}"' for name in ["id", *names])
    query = f"SELECT {listed} FROM {after[0].sql_name} ORDER BY id"
    migrated = live.rows(query)
    live.reset()
    live.run(versions.ddl(new.text, live.dialect))
    try:
        fill(live, after, wanted)
    except (sqlite3.Error, psycopg.Error):
        # What the new program reads breaks the new rules.
        reject()
    assert migrated == live.rows(query)


@quick
@given(contract_pairs(), options)
def test_the_same_versions_give_the_same_script(pair: tuple[Contract, Contract], chosen: dict[str, str]) -> None:
    versions = Versions(pair[0].text, pair[1].text, options=chosen)
    for dialect in ("sqlite", "postgresql", "mysql"):
        assert versions.script(dialect, destructive=True) == versions.script(dialect, destructive=True)
    assert "Nothing to do" in Versions(pair[0].text, pair[0].text, options=chosen).script(
        "postgresql", destructive=False
    )


@pytest.mark.slow
@settings(quick, max_examples=500)
@given(contract_pairs(), options)
def test_all_laws_at_length(live: Live, pair: tuple[Contract, Contract], chosen: dict[str, str]) -> None:
    for law in (
        test_a_script_makes_the_new_tables_or_changes_nothing,
        test_the_destructive_part_can_wait,
        test_rows_are_what_the_bytes_of_old_messages_say,
    ):
        law.hypothesis.inner_test(live, pair, chosen)  # type: ignore[attr-defined]
