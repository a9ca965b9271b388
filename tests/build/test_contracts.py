from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.build.contracts import find_contracts, read_contract
from protogate.errors import UserError

if TYPE_CHECKING:
    from tests.support.repository import Repository

A, B, C = "acme/a/v1/a.proto", "acme/b/v1/b.proto", "acme/c/v1/c.proto"


@pytest.fixture(autouse=True)
def _here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.root)


def names(*places: str) -> list[str]:
    return [one.name for one in find_contracts(places).contracts]


def digest(name: str) -> str:
    return next(one.digest for one in find_contracts().contracts if one.name == name)


def settle() -> None:
    """Let the contracts be older than a tick of the clock: what is younger is always read again."""
    old = time.time() - 10
    for name in (A, B, C):
        os.utime(f"contracts/{name}", (old, old))


@pytest.mark.parametrize("places", [(), (".",), ("contracts",), ("contracts/acme",)])
def test_contracts_of_a_project(places: tuple[str, ...]) -> None:
    found = find_contracts(places)
    assert [one.name for one in found.contracts] == [A, B, C]
    assert found.asked == {A, B, C}
    assert found.paths() == {name: f"contracts/{name}" for name in (A, B, C)}


def test_imports_come_first_whatever_their_names(repository: Repository) -> None:
    repository.contract("acme/a/v1/a.proto", "A", imports=("acme/z/v1/z.proto",))
    repository.contract("acme/z/v1/z.proto", "Z", imports=(C,))
    assert names() == [C, "acme/z/v1/z.proto", A, B]


def test_place_brings_what_it_imports_unasked() -> None:
    found = find_contracts([f"contracts/{B}"])
    assert [one.name for one in found.contracts] == [A, B]
    assert found.asked == {B}


def test_several_places_are_joined() -> None:
    assert names(f"contracts/{C}", "contracts/acme/b") == [A, B, C]


def test_vendored_contracts_are_left_out(repository: Repository) -> None:
    repository.write("buf.yaml", "version: v2\nmodules:\n  - path: contracts\n  - path: .protogate/protos\n")
    repository.write(f"contracts/{C}", 'import "buf/validate/validate.proto";\n')
    assert names() == [A, B, C]
    assert names("contracts") == [A, B, C]
    assert Path(".protogate/protos/buf/validate/validate.proto").is_file()


def test_cycle_does_not_hang(repository: Repository) -> None:
    repository.contract(A, "A", imports=(B,))
    assert sorted(names()) == [A, B, C]


def test_chain_of_any_length_is_followed(repository: Repository) -> None:
    for number in range(1100):
        imports = (f"chain/n{number + 1}.proto",) if number < 1099 else ()
        repository.contract(f"chain/n{number}.proto", "N", imports=imports)
    assert names("contracts/chain/n0.proto") == [f"chain/n{number}.proto" for number in range(1099, -1, -1)]


@pytest.mark.parametrize(("changed", "moves"), [(A, True), (B, True), (C, False)])
def test_digest_covers_what_is_imported(
    repository: Repository,
    changed: str,
    moves: bool,  # noqa: FBT001 - a row of the table
) -> None:
    before = digest(B)
    path = repository.root / f"contracts/{changed}"
    path.write_text(path.read_text() + "message More {}\n")
    assert (digest(B) != before) is moves


def test_digest_is_the_same_however_it_was_asked_for() -> None:
    (alone,) = (one for one in find_contracts([f"contracts/{B}"]).contracts if one.name == B)
    assert alone.digest == digest(B)


def test_what_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settle()
    before = find_contracts()

    def fail(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("protogate.build.sources._read", fail)
    monkeypatch.setattr("protogate.build.project._parse", fail)
    assert find_contracts() == before


def test_build_after_a_look_still_makes_everything(repository: Repository) -> None:
    settle()
    find_contracts()
    assert not repository.is_current()
    assert repository.build().rebuilt == (A, B, C)
    state = Path(".protogate/state").read_bytes()
    find_contracts()
    assert repository.is_current()
    assert Path(".protogate/state").read_bytes() == state


def test_damaged_state_is_left_for_a_build_to_report() -> None:
    find_contracts()
    Path(".protogate/state").write_bytes(b"damaged")
    assert names() == [A, B, C]
    assert Path(".protogate/state").read_bytes() == b"damaged"


def test_loose_contract_counts_from_its_directory(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("loose")
    (place / "v1").mkdir()
    (place / "v1/a.proto").write_text("message A {}\n")
    (place / "v1/b.proto").write_text('import "v1/a.proto";\n')
    assert names(str(place / "v1/b.proto")) == ["v1/a.proto", "v1/b.proto"]
    assert names(str(place / "v1/a.proto")) == ["a.proto"]


def test_one_name_for_two_contracts_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    places = [tmp_path_factory.mktemp(name) / "user.proto" for name in ("one", "two")]
    for place in places:
        place.write_text("message A {}\n")
    with pytest.raises(UserError, match=r"is imported as user\.proto, as .* is; give one of them at a time"):
        find_contracts([str(place) for place in places])


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "nowhere: no such file or directory"),
        ("buf.yaml", "buf.yaml: is no contract"),
        ("plugins", "plugins: holds no .proto file"),
    ],
)
def test_what_is_no_contract_is_refused(place: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        find_contracts([place])


def test_text_is_read_as_it_is(repository: Repository) -> None:
    (repository.root / f"contracts/{C}").write_bytes("// ü\r\nmessage C {}\n".encode())
    (contract,) = find_contracts([f"contracts/{C}"]).contracts
    assert read_contract(contract) == "// ü\r\nmessage C {}\n"
