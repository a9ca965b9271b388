"""The contracts keep the rules of buf, are documented and say what the slices offer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import message_factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
    )
    from google.protobuf.descriptor_pool import DescriptorPool

    from tests.contracts.conftest import Workspace

    Files = tuple[FileDescriptorProto, ...]
    Path = tuple[int, ...]

FILES = {
    "events/v1/events.proto",
    "identification/v1/identification.proto",
    "legacy_bridge/user/v1/user.proto",
    "protogate/options/v1/options.proto",
    "search/v1/search.proto",
    "user/v1/user.proto",
    "user/v2/user.proto",
}

# verb, path, body, answer, status
ROUTES = {
    "user.v1.UserCommandService.CreateUser": ("POST", "/commands/user/create", "command", "", 201),
    "user.v1.UserCommandService.DualCreateUser": (*("POST", "/commands/user/dual-create", "command", "", 201),),
    "user.v1.UserCommandService.ChangeEmail": (*("POST", "/commands/user/{id}/change-email", "command", "", 200),),
    "user.v1.UserCommandService.DeactivateUser": (*("POST", "/commands/user/{id}/deactivate", "command", "", 200),),
    "user.v1.UserQueryService.GetUser": ("GET", "/queries/user/{id}", "", "", 200),
    "events.v1.EventQueryService.ListEvents": ("GET", "/events", "", "events", 200),
    "events.v1.EventQueryService.StreamEvents": ("GET", "/events/stream", "", "event", 200),
    "search.v1.SearchCommandService.IndexEntry": (*("POST", "/commands/search/index", "command", "", 201),),
    "search.v1.SearchQueryService.Search": ("GET", "/queries/search", "", "", 200),
}

# What callers of the predecessor's endpoints read and send.
FIELDS = {
    "user.v1.CreateUserCommand": {"email", "first_name", "last_name"},
    "user.v1.CreateUserResponse": {"id", "event_id", "version", "state"},
    "user.v1.UserState": {"id", "email", "active", "version"},
    "user.v1.DualCreateUserCommand": {"command_id", "email", "first_name", "last_name", "age"},
    "user.v1.DualCreateUserResponse": {"status", "event_id", "aggregate_id", "version", "state"},
    "user.v1.ChangeEmailCommand": {"new_email"},
    "user.v1.ChangeEmailResponse": {"id", "event_id", "version", "state"},
    "user.v1.DeactivateUserResponse": {"id", "event_id", "version", "state"},
    "user.v1.GetUserResponse": {"id", "email", "active", "version"},
    "events.v1.StoredEvent": {
        *("id", "aggregate_id", "event_type", "payload", "version", "timestamp"),
    },
    "search.v1.IndexEntryCommand": {"id", "title", "category", "content", "metadata"},
    "search.v1.IndexEntryResponse": {"status", "id", "event_id"},
    "search.v1.SearchRequest": {"q", "category", "limit"},
    "search.v1.SearchResponse": {"results", "total_count"},
    "search.v1.SearchResult": {"id", "title", "category", "rank"},
    "legacy_bridge.user.v1.LegacyUser": {
        *("id", "email", "first_name", "last_name", "age", "is_active"),
    },
}


def test_these_are_the_contracts(contracts: Files) -> None:
    assert {file.name for file in contracts} == FILES


def test_lint_finds_nothing(workspace: Workspace) -> None:
    done = workspace.buf("lint")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_format_is_that_of_buf(workspace: Workspace) -> None:
    done = workspace.buf("format", "contracts", "--diff", "--exit-code")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        pytest.param("// The address from now on.\n", "\n", "should have a non-empty comment", id="comments"),
        pytest.param("string new_email", "string newEmail", "should be lower_snake_case", id="standard"),
        pytest.param("max_len: 254", "max_len: 2\nmin_len: 3", "must be lower than value", id="protovalidate"),
    ],
)
def test_lint_is_in_force(own_workspace: Workspace, before: str, after: str, finding: str) -> None:
    contract = own_workspace.root / "contracts/user/v1/user.proto"
    text = contract.read_text(encoding="utf-8")
    assert before in text
    contract.write_text(text.replace(before, after), encoding="utf-8")
    done = own_workspace.buf("lint")
    assert done.returncode == 100, done.stderr
    assert finding in done.stdout


def test_a_field_that_disappears_is_a_breaking_change(own_workspace: Workspace) -> None:
    own_workspace.buf("build", "contracts", "-o", "before.binpb")
    contract = own_workspace.root / "contracts/protogate/options/v1/options.proto"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("string mysql = 4;", ""), encoding="utf-8")
    done = own_workspace.buf("breaking", "contracts", "--against", "before.binpb")
    assert done.returncode == 100, done.stderr
    assert '"mysql"' in done.stdout


def test_every_element_has_a_comment(contracts: Files) -> None:
    silent = [
        f"{file.name}: {name}" for file in contracts for name, path in elements(file) if path not in commented(file)
    ]
    assert silent == []


def commented(file: FileDescriptorProto) -> set[Path]:
    return {tuple(location.path) for location in file.source_code_info.location if location.leading_comments.strip()}


def elements(file: FileDescriptorProto) -> Iterator[tuple[str, Path]]:
    """Everything that becomes documentation, with its path as descriptor.proto numbers it."""
    yield "the file", (12,)
    for index, message in enumerate(file.message_type):
        yield from message_elements(message, (4, index))
    for index, enum in enumerate(file.enum_type):
        yield from enum_elements(enum, (5, index))
    for index, service in enumerate(file.service):
        yield service.name, (6, index)
        for number, method in enumerate(service.method):
            yield f"{service.name}.{method.name}", (6, index, 2, number)
    for index, extension in enumerate(file.extension):
        yield extension.name, (7, index)


def message_elements(message: DescriptorProto, path: Path) -> Iterator[tuple[str, Path]]:
    if message.options.map_entry:
        return
    yield message.name, path
    for index, field in enumerate(message.field):
        yield f"{message.name}.{field.name}", (*path, 2, index)
    made_up = {field.oneof_index for field in message.field if field.proto3_optional}
    for index, oneof in enumerate(message.oneof_decl):
        if index not in made_up:
            yield f"{message.name}.{oneof.name}", (*path, 8, index)
    for index, nested in enumerate(message.nested_type):
        yield from message_elements(nested, (*path, 3, index))
    for index, enum in enumerate(message.enum_type):
        yield from enum_elements(enum, (*path, 4, index))


def enum_elements(enum: EnumDescriptorProto, path: Path) -> Iterator[tuple[str, Path]]:
    yield enum.name, path
    for index, value in enumerate(enum.value):
        yield value.name, (*path, 2, index)


@pytest.mark.parametrize(("method", "expected"), ROUTES.items(), ids=ROUTES.keys())
def test_the_first_version_keeps_the_endpoints(
    pool: DescriptorPool, method: str, expected: tuple[str, str, str, str, int]
) -> None:
    found = pool.FindMethodByName(method)
    http = option(pool, found, "google.api.http")
    own = option(pool, found, "protogate.options.v1.method")
    assert (*route(http), http.body, http.response_body, own.success_status or 200) == expected


@pytest.mark.parametrize(("message", "expected"), FIELDS.items(), ids=FIELDS.keys())
def test_the_first_version_keeps_what_is_sent_and_read(pool: DescriptorPool, message: str, expected: set[str]) -> None:
    assert set(pool.FindMessageTypeByName(message).fields_by_name) >= expected


def test_every_method_has_a_route_of_its_own(pool: DescriptorPool) -> None:
    routes = [route(option(pool, method, "google.api.http")) for method in methods(pool)]
    assert len(routes) >= 20
    assert len({(verb, re.sub(r"\{.*?\}", "{}", path)) for verb, path in routes}) == len(routes)


def test_routes_name_fields_of_the_request_and_the_answer(pool: DescriptorPool) -> None:
    for method in methods(pool):
        http = option(pool, method, "google.api.http")
        _, path = route(http)
        for variable in re.findall(r"\{(.*?)\}", path):
            assert field_at(method.input_type, variable), method.full_name
        if http.body:
            assert field_at(method.input_type, http.body), method.full_name
        if http.response_body:
            assert field_at(method.output_type, http.response_body), method.full_name


def test_queries_are_got_and_commands_are_not(pool: DescriptorPool) -> None:
    for service in services(pool):
        side = option(pool, service, "protogate.options.v1.service").side
        side_name = pool.FindEnumTypeByName("protogate.options.v1.Side").values_by_number[side].name
        assert side_name == ("SIDE_QUERY" if "Query" in service.name else "SIDE_COMMAND")
        for method in service.methods:
            verb, _ = route(option(pool, method, "google.api.http"))
            assert (verb == "GET") == (side_name == "SIDE_QUERY"), method.full_name


def test_every_message_says_what_part_it_plays(pool: DescriptorPool, contracts: Files) -> None:
    without = [
        message.full_name
        for message in messages(pool, contracts)
        if not option(pool, message, "protogate.options.v1.message").kind
    ]
    assert without == []


def test_the_kind_fits_the_name(pool: DescriptorPool, contracts: Files) -> None:
    kinds = {
        "Command": {"KIND_COMMAND"},
        "Request": {"KIND_REQUEST", "KIND_QUERY"},
        "Response": {"KIND_RESPONSE"},
    }
    checked = 0
    for message in messages(pool, contracts):
        for suffix, expected in kinds.items():
            if message.name.endswith(suffix):
                checked += 1
                assert kind_name(pool, message) in expected, message.full_name
    assert checked >= 40


def test_methods_emit_events_and_every_event_is_emitted(pool: DescriptorPool, contracts: Files) -> None:
    emitted = {name for method in methods(pool) for name in option(pool, method, "protogate.options.v1.method").emits}
    events = {message.full_name for message in messages(pool, contracts) if kind_name(pool, message) == "KIND_EVENT"}
    # The bridge records what becomes of legacy rows itself.
    bridged = {"legacy_bridge.user.v1.LegacyUserMigrated", "user.v1.UserChanged", "user.v1.UserRemoved"}
    assert emitted == events - bridged


def test_idempotency_keys_are_fields_of_the_request(pool: DescriptorPool) -> None:
    keys = [(method, option(pool, method, "protogate.options.v1.method").idempotency_key) for method in methods(pool)]
    assert sum(bool(key) for _, key in keys) >= 7
    assert all(field_at(method.input_type, key) for method, key in keys if key)


def test_foreign_keys_and_indexes_name_what_is_there(pool: DescriptorPool, contracts: Files) -> None:
    references = 0
    for message in messages(pool, contracts):
        sql = option(pool, message, "protogate.options.v1.message").sql
        for index in sql.indexes:
            assert set(index.columns) <= set(message.fields_by_name), message.full_name
        for field in message.fields:
            to = option(pool, field, "protogate.options.v1.field").sql.references
            if to.message:
                references += 1
                assert "id" in pool.FindMessageTypeByName(to.message).fields_by_name
    assert references == 2


def option(pool: DescriptorPool, element: Any, name: str) -> Any:  # noqa: ANN401 - any descriptor
    own = element.GetOptions()
    kind = pool.FindMessageTypeByName(own.DESCRIPTOR.full_name)
    known: Any = message_factory.GetMessageClass(kind).FromString(own.SerializeToString())
    return known.Extensions[pool.FindExtensionByName(name)]


def kind_name(pool: DescriptorPool, message: Descriptor) -> str:
    kind = option(pool, message, "protogate.options.v1.message").kind
    return pool.FindEnumTypeByName("protogate.options.v1.Kind").values_by_number[kind].name


def route(http: Any) -> tuple[str, str]:  # noqa: ANN401 - a dynamic google.api.HttpRule
    verb = http.WhichOneof("pattern")
    return verb.upper(), getattr(http, verb)


def field_at(message: Descriptor | None, path: str) -> bool:
    first, _, rest = path.partition(".")
    field = message.fields_by_name.get(first) if message else None
    return field is not None and (not rest or field_at(field.message_type, rest))


def methods(pool: DescriptorPool) -> list[MethodDescriptor]:
    return [method for service in services(pool) for method in service.methods]


def services(pool: DescriptorPool) -> list[ServiceDescriptor]:
    return [service for name in sorted(FILES) for service in pool.FindFileByName(name).services_by_name.values()]


def messages(pool: DescriptorPool, contracts: Files) -> list[Descriptor]:
    """The messages of the slices; those of the options themselves play no part."""
    return [
        message
        for file in contracts
        if file.package != "protogate.options.v1"
        for message in pool.FindFileByName(file.name).message_types_by_name.values()
    ]
