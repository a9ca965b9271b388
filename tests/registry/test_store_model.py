"""A store is equal to the simplest thing that could be one: a list of versions for each subject."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from registry.errors import NotPermittedError
from registry.sqlite import SqliteStore
from registry.values import AccessMode, Reference, context_of
from tests.registry.samples import new_version

if TYPE_CHECKING:
    from registry.values import NewVersion, StoredVersion

SUBJECTS = st.sampled_from(["a", "a/b", ":.ctx:a", "z"])
CONTENTS = st.sampled_from(["One", "Two", "Three"])


@dataclass(frozen=True)
class Entry:
    version: int
    schema_id: int
    new: NewVersion
    deleted: bool = False


@dataclass
class Model:
    subjects: dict[str, list[Entry]] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    levels: dict[str | None, str] = field(default_factory=dict)
    modes: dict[str | None, AccessMode] = field(default_factory=dict)

    def kept(self, subject: str) -> list[Entry]:
        return [each for each in self.subjects.get(subject, []) if not each.deleted]

    def add(self, subject: str, new: NewVersion) -> tuple[Entry, bool]:
        for each in reversed(self.kept(subject)):
            if each.new.content_id == new.content_id:
                if new.metadata in ({}, each.new.metadata):
                    return each, False
                break
        context = context_of(subject)
        taken = [number for (where, _), number in self.ids.items() if where == context]
        schema_id = self.ids.setdefault((context, new.content_id), max(taken, default=0) + 1)
        versions = self.subjects.setdefault(subject, [])
        versions.append(Entry(max((each.version for each in versions), default=0) + 1, schema_id, new))
        return versions[-1], True

    def delete(self, subject: str, version: int | None, *, permanent: bool) -> tuple[int, ...]:
        versions = self.subjects.get(subject, [])
        gone = [each for each in versions if each.deleted is permanent and version in (None, each.version)]
        if permanent:
            versions[:] = [each for each in versions if each not in gone]
        else:
            versions[:] = [replace(each, deleted=True) if each in gone else each for each in versions]
        if not versions:
            self.subjects.pop(subject, None)
        elif not self.kept(subject):
            self.forget_settings(subject)
        if not versions and gone:
            self.forget_settings(subject)
        return tuple(each.version for each in gone)

    def forget_settings(self, subject: str) -> None:
        self.levels.pop(subject, None)
        self.modes.pop(subject, None)

    def users_of(self, subject: str, version: int, *, deleted: bool) -> list[tuple[str, int]]:
        return [
            (name, each.version)
            for name, versions in sorted(self.subjects.items())
            for each in versions
            if each.deleted <= deleted
            and any((to.subject, to.version) == (subject, version) for to in each.new.references)
        ]


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "registry.db"
        self.store = SqliteStore(self.path)
        self.model = Model()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(subject=SUBJECTS, content=CONTENTS, owner=st.sampled_from(["", "", "me", "you"]))
    def add(self, subject: str, content: str, owner: str) -> None:
        new = new_version(content, metadata={"owner": owner} if owner else {})
        stored, is_new = self.store.add(subject, new, lambda: None)
        expected, expected_new = self.model.add(subject, new)
        assert is_new is expected_new
        assert_same(subject, stored, expected)

    @precondition(lambda self: any(self.model.kept(subject) for subject in self.model.subjects))
    @rule(subject=SUBJECTS, data=st.data())
    def add_with_a_reference(self, subject: str, data: st.DataObject) -> None:
        targets = [(name, each.version) for name in sorted(self.model.subjects) for each in self.model.kept(name)]
        to, version = data.draw(st.sampled_from(targets))
        new = new_version(f"Refers{len(to)}x{version}", references=(Reference("x.proto", to, version),))
        stored, _ = self.store.add(subject, new, lambda: None)
        expected, _ = self.model.add(subject, new)
        assert_same(subject, stored, expected)

    @rule(subject=SUBJECTS, content=CONTENTS)
    def refuse(self, subject: str, content: str) -> None:
        def accept() -> None:
            raise NotPermittedError("no")

        with suppress(NotPermittedError):
            stored, is_new = self.store.add(subject, new_version(content), accept)
            assert not is_new
            assert stored.version in [each.version for each in self.model.kept(subject)]

    @rule(subject=SUBJECTS, version=st.sampled_from([None, 1, 2, 3]), permanent=st.booleans())
    def delete(self, subject: str, version: int | None, *, permanent: bool) -> None:
        # What is referred to is for the service to protect.
        named = [version] if version else [each.version for each in self.model.subjects.get(subject, [])]
        if any(self.model.users_of(subject, each, deleted=True) for each in named):
            return
        assert self.store.delete(subject, version, permanent=permanent) == self.model.delete(
            subject, version, permanent=permanent
        )

    @rule(subject=st.one_of(st.none(), SUBJECTS), level=st.sampled_from([None, "FULL", "NONE"]))
    def set_level(self, subject: str | None, level: str | None) -> None:
        self.store.set_level(subject, level)
        self.model.levels.pop(subject, None)
        if level:
            self.model.levels[subject] = level

    @rule(subject=st.one_of(st.none(), SUBJECTS), mode=st.sampled_from([None, *AccessMode]))
    def set_mode(self, subject: str | None, mode: AccessMode | None) -> None:
        self.store.set_access_mode(subject, mode)
        self.model.modes.pop(subject, None)
        if mode:
            self.model.modes[subject] = mode

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = SqliteStore(self.path)

    @invariant()
    def subjects_are_the_same(self) -> None:
        everything = sorted(self.model.subjects)
        assert self.store.subjects(deleted=True) == tuple(everything)
        assert self.store.subjects() == tuple(name for name in everything if self.model.kept(name))

    @invariant()
    def versions_are_the_same(self) -> None:
        for subject, versions in self.model.subjects.items():
            read = self.store.versions(subject, deleted=True)
            assert len(read) == len(versions)
            for stored, expected in zip(read, versions, strict=True):
                assert_same(subject, stored, expected)
            assert [head.version for head in self.store.heads(subject)] == [
                each.version for each in self.model.kept(subject)
            ]

    @invariant()
    def ids_are_the_same(self) -> None:
        for (context, content_id), schema_id in self.model.ids.items():
            uses = [
                (subject, each.version)
                for subject, versions in sorted(self.model.subjects.items())
                for each in versions
                if context_of(subject) == context and each.new.content_id == content_id
            ]
            assert self.store.uses_of(schema_id, context, deleted=True) == tuple(uses)
            found = self.store.by_id(schema_id, context)
            assert (found is not None) == bool(uses)
            assert found is None or found.content_id == content_id

    @invariant()
    def references_are_the_same(self) -> None:
        for subject, versions in self.model.subjects.items():
            for each in versions:
                for deleted in (False, True):
                    users = self.store.referenced_by(subject, each.version, deleted=deleted)
                    assert [(user.subject, user.version) for user in users] == self.model.users_of(
                        subject, each.version, deleted=deleted
                    )

    @invariant()
    def settings_are_the_same(self) -> None:
        scopes = {*self.model.levels, *self.model.modes}
        assert self.store.settings() == tuple(
            (scope, self.model.levels.get(scope), self.model.modes.get(scope))
            for scope in sorted(scopes, key=lambda each: each or "")
        )


def assert_same(subject: str, stored: StoredVersion, expected: Entry) -> None:
    assert (stored.subject, stored.version, stored.schema_id) == (subject, expected.version, expected.schema_id)
    assert (stored.content_id, stored.text, stored.canonical) == (
        expected.new.content_id,
        expected.new.text,
        expected.new.canonical,
    )
    assert (stored.metadata, stored.references) == (expected.new.metadata, expected.new.references)
    assert stored.deleted is expected.deleted


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
