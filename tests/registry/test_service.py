from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pool

from protogate.compat import Mode
from protogate.errors import UserError
from registry.errors import (
    IdMismatchError,
    IncompatibleError,
    InvalidAccessModeError,
    InvalidLevelError,
    InvalidSchemaError,
    InvalidVersionError,
    NotFoundError,
    NotPermittedError,
    ReferenceExistsError,
    ReferenceNotFoundError,
    RegistryError,
    SchemaNotFoundError,
    SubjectNotFoundError,
    SubjectNotSoftlyDeletedError,
    SubjectSoftlyDeletedError,
    VersionNotFoundError,
    VersionNotSoftlyDeletedError,
    VersionSoftlyDeletedError,
)
from registry.service import Registry
from registry.sqlite import SqliteStore
from registry.values import LATEST, AccessMode, Reference
from tests.registry.samples import message_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.values import Registered

BUF = shutil.which("buf", path=Path(sys.executable).parent) or "buf"

USER = message_text("string name = 1;")
USER_WITH_MAIL = message_text("string name = 1;", "string mail = 2;")
USER_BROKEN = message_text("int32 name = 1;")
MONEY = message_text("int64 units = 1;", name="Money")
PRICE = message_text("acme.Money money = 1;", name="Price", imports=("acme/money.proto",))
MONEY_REFERENCE = Reference("acme/money.proto", "acme/money.proto", 1)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        yield Registry(store)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Registry]:
    """Another registry, to import into."""
    with closing(SqliteStore(tmp_path / "other.db")) as store:
        yield Registry(store)


def register(registry: Registry, subject: str, text: str, *references: Reference) -> Registered:
    return registry.register(subject, registry.compile(text, references, subject=subject))


@pytest.fixture
def shop(registry: Registry) -> Registry:
    """A registry in which a price refers to money."""
    register(registry, "acme/money.proto", MONEY)
    register(registry, "acme/price.proto", PRICE, MONEY_REFERENCE)
    return registry


# Registering.


def test_registering_gives_id_version_and_guid(registry: Registry) -> None:
    first = register(registry, "user", USER)
    second = register(registry, "user", USER_WITH_MAIL)
    assert (first.stored.schema_id, first.stored.version, first.new) == (1, 1, True)
    assert (second.stored.schema_id, second.stored.version, second.new) == (2, 2, True)
    assert registry.by_guid(second.stored.guid).version == 2


def test_registering_the_same_content_again_is_a_no_op_even_if_it_would_be_refused(registry: Registry) -> None:
    register(registry, "user", USER)
    register(registry, "user", USER_WITH_MAIL)
    registry.set_access_mode("user", "READONLY")
    again = register(registry, "user", "// the same\n" + USER)
    assert (again.stored.version, again.new) == (1, False)


def test_registering_a_descriptor_gives_it_readable_text(registry: Registry) -> None:
    stored = register(registry, "user", USER).stored
    again = registry.register("other", registry.compile(b64encode(stored.descriptor).decode()))
    assert again.stored.schema_id == stored.schema_id
    assert registry.compile(again.stored.text).content_id == stored.content_id


def test_a_breaking_change_is_refused_with_its_findings(registry: Registry) -> None:
    register(registry, "user", USER)
    with pytest.raises(IncompatibleError, match="not BACKWARD compatible with version 1") as caught:
        register(registry, "user", USER_BROKEN)
    assert any("acme.User.name" in finding.message for finding in caught.value.findings)
    assert caught.value.findings[0].place.line == 4
    assert len(registry.versions("user")) == 1


def test_warnings_come_with_what_was_registered(registry: Registry) -> None:
    register(registry, "user", USER)
    renamed = register(registry, "user", USER.replace("name", "label"))
    assert renamed.new
    assert renamed.findings


@pytest.mark.parametrize(
    ("level", "accepted"),
    [
        ("NONE", True),
        ("BACKWARD", True),
        ("BACKWARD_TRANSITIVE", False),
        ("FORWARD", True),
        ("FULL", True),
        ("FULL_TRANSITIVE", False),
    ],
)
def test_a_transitive_level_looks_at_every_version(registry: Registry, level: str, *, accepted: bool) -> None:
    registry.set_level("user", "NONE")
    for text in (USER_BROKEN, message_text("string mail = 2;")):
        register(registry, "user", text)
    registry.set_level("user", level)
    if accepted:
        assert register(registry, "user", USER_WITH_MAIL).stored.version == 3
    else:
        with pytest.raises(IncompatibleError):
            register(registry, "user", USER_WITH_MAIL)


def test_softly_deleted_versions_are_not_compared_with(registry: Registry) -> None:
    register(registry, "user", USER)
    registry.delete_version("user", 1)
    assert register(registry, "user", USER_BROKEN).stored.version == 2


def test_a_reference_joins_as_the_version_that_latest_is_now(registry: Registry) -> None:
    register(registry, "money", MONEY)
    stored = register(registry, "price", PRICE, Reference("acme/money.proto", "money", LATEST)).stored
    assert stored.references == (Reference("acme/money.proto", "money", 1),)
    assert [each.subject for each in registry.referenced_by("money", 1)] == ["price"]


def test_a_reference_without_context_is_one_of_the_subjects_context(registry: Registry) -> None:
    register(registry, ":.ctx:money", MONEY)
    stored = register(registry, ":.ctx:price", PRICE, Reference("acme/money.proto", "money", 1)).stored
    assert stored.references[0].subject == ":.ctx:money"
    with pytest.raises(ReferenceNotFoundError):
        registry.compile(PRICE, [Reference("acme/money.proto", "money", 1)], subject="price")


def test_a_missing_reference_is_an_invalid_schema(registry: Registry) -> None:
    with pytest.raises(InvalidSchemaError, match="register it first") as caught:
        registry.compile(PRICE, [MONEY_REFERENCE])
    assert (caught.value.status, caught.value.code) == (422, 42201)


def test_a_reference_that_was_deleted_after_compiling_is_refused(shop: Registry) -> None:
    compiled = shop.compile(PRICE, [MONEY_REFERENCE], subject="another")
    shop.delete_subject("acme/price.proto")
    shop.delete_subject("acme/price.proto", permanent=True)
    shop.delete_subject("acme/money.proto")
    shop.delete_subject("acme/money.proto", permanent=True)
    with pytest.raises(ReferenceNotFoundError):
        shop.register("another", compiled)
    assert shop.subjects(deleted=True) == ()


def test_a_change_behind_a_reference_is_compared(shop: Registry) -> None:
    shop.set_level("acme/money.proto", "NONE")
    register(shop, "acme/money.proto", MONEY.replace("int64", "string"))
    with pytest.raises(IncompatibleError, match=r"acme/price\.proto"):
        register(shop, "acme/price.proto", PRICE, Reference("acme/money.proto", "acme/money.proto", 2))


def test_what_was_compiled_is_not_compiled_again(shop: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = shop.compile(PRICE, [MONEY_REFERENCE], subject="other")
    monkeypatch.setattr("registry.service.compile_schema", None)
    assert shop.compile(PRICE, [MONEY_REFERENCE], subject="other") is compiled


# Looking up.


def test_looking_up_finds_the_version_by_content(registry: Registry) -> None:
    stored = register(registry, "user", USER).stored
    assert registry.lookup("user", registry.compile(USER)) == stored
    with pytest.raises(SchemaNotFoundError):
        registry.lookup("user", registry.compile(USER_WITH_MAIL))
    with pytest.raises(SubjectNotFoundError):
        registry.lookup("nobody", registry.compile(USER))


def test_what_is_not_there_says_what_is_missing(registry: Registry) -> None:
    register(registry, "user", USER)
    cases: tuple[tuple[type[RegistryError], object], ...] = (
        (SubjectNotFoundError, lambda: registry.get("nobody", 1)),
        (SubjectNotFoundError, lambda: registry.get("nobody", LATEST)),
        (VersionNotFoundError, lambda: registry.get("user", 2)),
        (InvalidVersionError, lambda: registry.get("user", 0)),
        (InvalidVersionError, lambda: registry.get("user", -2)),
        (InvalidVersionError, lambda: registry.get("user", 10**20)),
        (SubjectNotFoundError, lambda: registry.versions("nobody")),
        (SubjectNotFoundError, lambda: registry.heads("nobody")),
        (SchemaNotFoundError, lambda: registry.by_id(2)),
        (SchemaNotFoundError, lambda: registry.by_id(1, ".ctx")),
        (SchemaNotFoundError, lambda: registry.by_guid("no guid")),
        (SchemaNotFoundError, lambda: registry.by_guid("00000000-0000-5000-8000-000000000000")),
        (SchemaNotFoundError, lambda: registry.uses_of(2)),
        (VersionNotFoundError, lambda: registry.referenced_by("user", 2)),
    )
    for expected, call in cases:
        with pytest.raises(expected):
            call()  # type: ignore[operator]


# Checking.


def test_checking_compares_with_what_was_asked_for(registry: Registry) -> None:
    registry.set_level("user", "NONE")
    for text in (USER_BROKEN, message_text("string mail = 2;")):
        register(registry, "user", text)
    compiled = registry.compile(USER_WITH_MAIL)
    assert registry.check("user", compiled).compared == ()
    registry.set_level("user", "BACKWARD")
    verdicts = {
        "level": registry.check("user", compiled),
        "latest": registry.check("user", compiled, against=LATEST),
        "first": registry.check("user", compiled, against=1),
        "all": registry.check("user", compiled, everything=True),
    }
    assert {name: (each.compatible, each.compared) for name, each in verdicts.items()} == {
        "level": (True, (2,)),
        "latest": (True, (2,)),
        "first": (False, (1,)),
        "all": (False, (1, 2)),
    }
    with pytest.raises(VersionNotFoundError):
        registry.check("user", compiled, against=9)


def test_a_new_subject_takes_anything(registry: Registry) -> None:
    verdict = registry.check("nobody", registry.compile(USER))
    assert (verdict.compatible, verdict.findings, verdict.compared) == (True, (), ())


def test_direction_is_real(registry: Registry) -> None:
    old = 'syntax = "proto2"; message M { optional string a = 1; }'
    new = 'syntax = "proto2"; message M { optional string a = 1; required string b = 2; }'
    register(registry, "m", old)
    compiled = registry.compile(new)
    assert not registry.check("m", compiled, level=Mode.BACKWARD).compatible
    assert not registry.check("m", compiled, level=Mode.FULL).compatible
    assert registry.check("m", compiled, level=Mode.NONE).compatible


def test_verdicts_are_remembered(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    register(registry, "user", USER)
    compiled = registry.compile(USER_BROKEN)
    first = registry.check("user", compiled)
    monkeypatch.setattr("protogate.compat.check", None)
    assert registry.check("user", compiled) == first


def test_profiles_decide_what_is_compatible(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        strict = Registry(store, profiles=("buf:FILE",))
        register(strict, "user", USER)
        with pytest.raises(IncompatibleError):
            register(strict, "user", USER.replace("name", "label"))


def test_a_subject_is_one_file_whatever_its_clients_call_it(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        strict = Registry(store, profiles=("buf:FILE",))
        strict.register("user", strict.compile(USER, file_name="old.proto"))
        renamed = strict.register("user", strict.compile(USER_WITH_MAIL, file_name="new.proto"))
    assert (renamed.stored.version, renamed.findings) == (2, ())


def test_a_diff_does_not_ask_for_the_level(registry: Registry) -> None:
    registry.set_level(None, "NONE")
    for text in (USER, USER_BROKEN):
        register(registry, "user", text)
    assert registry.diff("user", 1, 2)
    assert registry.diff("user", 1, 1) == ()


# Images.


def test_an_image_holds_everything_and_is_read_by_others(shop: Registry, tmp_path: Path) -> None:
    image = shop.image("acme/price.proto", 1)
    pool = descriptor_pool.DescriptorPool()
    for file in image.file:
        pool.AddSerializedFile(file.SerializeToString())
    money = pool.FindMessageTypeByName("acme.Price").fields_by_name["money"].message_type
    assert money is pool.FindMessageTypeByName("acme.Money")
    assert image.file[-1].source_code_info.location
    path = tmp_path / "image.binpb"
    path.write_bytes(image.SerializeToString())
    finished = subprocess.run(
        [BUF, "breaking", str(path), "--against", str(path)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


# Levels and access modes.


def test_a_level_is_looked_for_from_near_to_far(registry: Registry) -> None:
    levels = [registry.level(":.ctx:a")]
    for scope, level in ((None, "NONE"), (":.ctx:", "FORWARD"), (":.ctx:a", "FULL")):
        registry.set_level(scope, level)
        levels.append(registry.level(":.ctx:a"))
    assert levels == [Mode.BACKWARD, Mode.NONE, Mode.FORWARD, Mode.FULL]
    assert (registry.own_level("b"), registry.level("b")) == (None, Mode.NONE)


def test_settings_that_are_not_known_are_refused(registry: Registry) -> None:
    with pytest.raises(InvalidLevelError, match="use one of NONE, BACKWARD"):
        registry.set_level("a", "backward")
    with pytest.raises(InvalidAccessModeError, match="use one of READWRITE"):
        registry.set_access_mode("a", "")


def test_a_read_only_subject_refuses_changes_and_allows_reading(registry: Registry) -> None:
    register(registry, "user", USER)
    registry.set_access_mode("user", "READONLY")
    for change in (
        lambda: register(registry, "user", USER_WITH_MAIL),
        lambda: registry.delete_version("user", 1),
        lambda: registry.delete_subject("user"),
    ):
        with pytest.raises(NotPermittedError) as caught:
            change()
        assert caught.value.code == 42205
    assert registry.get("user", 1).text == USER
    assert register(registry, "other", USER_WITH_MAIL).new


def test_the_global_override_beats_a_subject(registry: Registry) -> None:
    registry.set_access_mode("user", "READWRITE")
    registry.set_access_mode(None, "READONLY")
    assert register(registry, "user", USER).new
    registry.set_access_mode(None, "READONLY_OVERRIDE")
    with pytest.raises(NotPermittedError):
        register(registry, "user", USER_WITH_MAIL)


def test_importing_takes_ids_and_asks_for_no_compatibility(registry: Registry) -> None:
    compiled = registry.compile(USER)
    with pytest.raises(NotPermittedError, match="only in mode IMPORT"):
        registry.register("user", compiled, schema_id=7)
    registry.set_access_mode("user", "IMPORT")
    with pytest.raises(NotPermittedError, match="say the id"):
        registry.register("user", compiled)
    assert registry.register("user", compiled, schema_id=7, version=3).stored.version == 3
    broken = registry.register("user", registry.compile(USER_BROKEN), schema_id=8).stored
    assert (broken.schema_id, broken.version) == (8, 4)
    with pytest.raises(IdMismatchError):
        registry.register("user", registry.compile(USER_WITH_MAIL), schema_id=7)


def test_import_mode_wants_an_empty_subject_unless_forced(registry: Registry) -> None:
    register(registry, "user", USER)
    register(registry, ":.ctx:user", USER)
    for scope in ("user", None, ":.ctx:"):
        with pytest.raises(NotPermittedError, match="force it"):
            registry.set_access_mode(scope, "IMPORT")
        registry.set_access_mode(scope, "IMPORT", force=True)
        assert registry.own_access_mode(scope) is AccessMode.IMPORT


# Deleting.


def test_deleting_a_subject_takes_two_steps(registry: Registry) -> None:
    for text in (USER, USER_WITH_MAIL):
        register(registry, "user", text)
    with pytest.raises(SubjectNotSoftlyDeletedError):
        registry.delete_subject("user", permanent=True)
    assert registry.delete_subject("user") == (1, 2)
    with pytest.raises(SubjectSoftlyDeletedError):
        registry.delete_subject("user")
    assert registry.get("user", 1, deleted=True).deleted
    assert registry.delete_subject("user", permanent=True) == (1, 2)
    with pytest.raises(SubjectNotFoundError):
        registry.delete_subject("user")


def test_deleting_a_version_takes_two_steps(registry: Registry) -> None:
    for text in (USER, USER_WITH_MAIL):
        register(registry, "user", text)
    with pytest.raises(VersionNotSoftlyDeletedError):
        registry.delete_version("user", 1, permanent=True)
    assert registry.delete_version("user", 1) == 1
    with pytest.raises(VersionSoftlyDeletedError):
        registry.delete_version("user", 1)
    assert registry.delete_version("user", 1, permanent=True) == 1
    with pytest.raises(VersionNotFoundError):
        registry.delete_version("user", 1)
    assert registry.delete_version("user", LATEST) == 2
    with pytest.raises(SubjectNotFoundError):
        registry.get("user", LATEST)


def test_what_is_referred_to_is_not_deleted(shop: Registry) -> None:
    for delete in (
        lambda: shop.delete_version("acme/money.proto", 1),
        lambda: shop.delete_subject("acme/money.proto"),
    ):
        with pytest.raises(ReferenceExistsError, match=r"referred to by version 1 of subject 'acme/price\.proto'"):
            delete()
    shop.delete_subject("acme/price.proto")
    shop.delete_subject("acme/money.proto")
    # The price can still be read by its id, and needs the money for it.
    with pytest.raises(ReferenceExistsError):
        shop.delete_subject("acme/money.proto", permanent=True)
    assert len(shop.image("acme/price.proto", 1, deleted=True).file) == 2
    shop.delete_subject("acme/price.proto", permanent=True)
    assert shop.delete_subject("acme/money.proto", permanent=True) == (1,)


# Export and import.


def test_an_export_brings_everything_back(shop: Registry, other: Registry) -> None:
    shop.set_level(None, "FULL")
    shop.set_access_mode("acme/money.proto", "READONLY")
    register(shop, ":.ctx:user", USER)
    register(shop, "gone", USER)
    shop.delete_subject("gone")
    exported = list(shop.export_lines())
    assert other.import_lines(exported) == 4
    assert list(other.export_lines()) == exported
    assert other.import_lines(exported) == 0


def test_an_export_of_some_subjects_stands_on_its_own(shop: Registry, other: Registry) -> None:
    register(shop, "user", USER)
    exported = list(shop.export_lines(["acme/price.proto"]))
    assert other.import_lines(exported) == 2
    assert other.subjects() == ("acme/money.proto", "acme/price.proto")
    with pytest.raises(SubjectNotFoundError):
        shop.export_lines(["nobody"])


def test_an_export_is_of_one_moment(shop: Registry, other: Registry) -> None:
    lines = shop.export_lines()
    first = [next(lines), next(lines)]
    with closing(SqliteStore(shop.store._path)) as store:  # type: ignore[attr-defined]  # noqa: SLF001 - the same file
        writer = Registry(store)
        register(writer, "acme/money.proto", MONEY.replace("units", "cents"))
        register(writer, "acme/price.proto", PRICE, Reference("acme/money.proto", "acme/money.proto", 2))
    assert other.import_lines([*first, *lines]) == 2
    assert len(shop.versions("acme/price.proto")) == 2


def test_an_import_is_all_or_nothing(shop: Registry, other: Registry) -> None:
    register(other, "acme/price.proto", USER)
    with pytest.raises(IdMismatchError):
        other.import_lines(shop.export_lines())
    assert other.subjects() == ("acme/price.proto",)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: lines[:0], "the export is empty"),
        (lambda lines: lines[1:], "line 1: is not the header of an export"),
        (lambda lines: [*lines, "{"], "line 4: is damaged"),
        (lambda lines: [*lines, "[]"], "line 4: is damaged"),
        (lambda lines: [*lines, '{"scope":null,"compatibility":"SOME","mode":null}'], "line 4: is damaged"),
        (lambda lines: [lines[0], lines[1].replace('"version":1', '"version":"x"'), lines[2]], "line 2: is damaged"),
        (lambda lines: [lines[0], lines[1].replace('"descriptor":"', '"descriptor":"EgNh'), lines[2]], "line 2: "),
        (lambda lines: [lines[0], lines[2].replace("acme/money.proto", "acme/gold.proto")], "line 2: "),
    ],
)  # fmt: skip
def test_a_damaged_export_is_refused_by_its_line(shop: Registry, other: Registry, damage: object, said: str) -> None:
    with pytest.raises(UserError) as caught:
        other.import_lines(damage(list(shop.export_lines())))  # type: ignore[operator]
    assert str(caught.value).startswith(said)
    assert other.subjects(deleted=True) == ()


# Errors.


def test_every_error_has_the_code_of_confluents_registry() -> None:
    def tree(root: type[RegistryError]) -> Iterator[type[RegistryError]]:
        yield root
        for each in root.__subclasses__():
            yield from tree(each)

    for each in tree(RegistryError):
        assert str(each.code).startswith(str(each.status))
    assert issubclass(SubjectNotFoundError, NotFoundError)
    assert {each.code for each in tree(NotFoundError)} == {40400, *range(40401, 40410)}
