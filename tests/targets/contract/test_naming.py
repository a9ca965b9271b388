"""Names, versions and files of contracts."""

from __future__ import annotations

import pytest

from protoc_gen_protogate.targets.contract.naming import version_of
from tests.targets.contract.outputs import contracts_of, error_of, service

EMPTY = "google.protobuf.Empty"
TWO_SERVICES = service(
    f"service A {{ rpc Do({EMPTY}) returns ({EMPTY}); rpc GetIt({EMPTY}) returns ({EMPTY}); }}"
    f"service B {{ rpc Do({EMPTY}) returns ({EMPTY}); }}"
    "message Outer { string id = 1; } message ItHappened { string id = 1; }"
)
OTHER_FILE = service(f"service C {{ rpc GetIt({EMPTY}) returns ({EMPTY}); }}")

FOLDER = "acme/user/v1/"
NAMES = {
    "short": {
        FOLDER + "A.Do.command.json": "A.Do",
        FOLDER + "B.Do.command.json": "B.Do",
        FOLDER + "GetIt.query.json": "GetIt",
        FOLDER + "ItHappened.event.json": "ItHappened",
    },
    "package": {
        FOLDER + "A.Do.command.json": "acme.user.v1.A.Do",
        FOLDER + "B.Do.command.json": "acme.user.v1.B.Do",
        FOLDER + "GetIt.query.json": "acme.user.v1.GetIt",
        FOLDER + "ItHappened.event.json": "acme.user.v1.ItHappened",
    },
    "full": {
        FOLDER + "A.Do.command.json": "acme.user.v1.A.Do",
        FOLDER + "A.GetIt.query.json": "acme.user.v1.A.GetIt",
        FOLDER + "B.Do.command.json": "acme.user.v1.B.Do",
        FOLDER + "ItHappened.event.json": "acme.user.v1.ItHappened",
    },
}


@pytest.mark.parametrize("names", NAMES)
def test_names(names: str) -> None:
    found = contracts_of(TWO_SERVICES, f"names={names}")
    assert {path: one.get("command") or one.get("query") or one["event"] for path, one in found.items()} == NAMES[names]


def test_two_files_that_lead_to_one_contract_are_an_error() -> None:
    files = {"a/one.proto": TWO_SERVICES, "a/two.proto": OTHER_FILE}
    assert error_of(files) == (
        "protoc-gen-protogate-contract: a/GetIt.query.json: two contracts lead to this one output; rename one of them"
    )
    assert error_of(files, "names=full") == ""


VERSIONS = {
    "acme.user.v1": "1.0.0",
    "acme.user.v12": "12.0.0",
    "v3": "3.0.0",
    "acme.user.v1beta1": "1.0.0-beta.1",
    "acme.user.v1alpha": "1.0.0-alpha",
    "acme.user.v2p3beta4": "2.3.0-beta.4",
    "acme.user.v1test": "1.0.0",
    "acme.user": "1.0.0",
    "acme.v2.user": "1.0.0",
    "acme.vendor": "1.0.0",
    "": "1.0.0",
}


@pytest.mark.parametrize(("package", "version"), VERSIONS.items())
def test_version(package: str, version: str) -> None:
    assert version_of(package) == version


def test_the_option_decides_on_the_version() -> None:
    found = contracts_of(TWO_SERVICES, "version=4.5.6")
    assert {one["version"] for one in found.values()} == {"4.5.6"}


@pytest.mark.parametrize(
    ("package", "module"), [("acme.user.v1", "acme.user"), ("acme.user", "acme.user"), ("v1", "v1"), ("", None)]
)
def test_the_slice_is_the_package_without_its_version(package: str, module: str | None) -> None:
    found = contracts_of(service(f"service S {{ rpc Do({EMPTY}) returns ({EMPTY}); }}", package=package))
    assert [one.get("module") for one in found.values()] == [module]
