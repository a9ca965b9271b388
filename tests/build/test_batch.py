from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from protogate.build.batch import find_contracts, generate_batch
from protogate.errors import UserError

_PLUGIN = """#!{python}
import sys
from google.protobuf.compiler import plugin_pb2
request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
response = plugin_pb2.CodeGeneratorResponse(supported_features=3, minimum_edition=998, maximum_edition=1001)
for file in request.proto_file:
    if file.name not in request.file_to_generate:
        continue
    if "refuse" in file.name:
        response.error = file.name + ":1: 'refuse' is not known"
        break
    if "crash" in file.name:
        raise SystemExit("no cheese in " + file.name)
    path = file.name.removesuffix(".proto").replace("-", "_") + ".txt"
    response.file.add(name=path, content="// source: " + file.name + "\\n" + request.parameter)
if not response.error:
    response.file.add(name="runtime.txt", content="shared")
sys.stdout.buffer.write(response.SerializeToString())
"""


@pytest.fixture(autouse=True)
def _standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = tmp_path / "bin/protoc-gen-protogate-standin"
    plugin.parent.mkdir()
    plugin.write_text(_PLUGIN.replace("{python}", sys.executable))
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", f"{plugin.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


def contract(path: str, *imports: str, body: str = "") -> None:
    lines = ['syntax = "proto3";', *(f'import "{one}";' for one in imports), body]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(lines) + "\n")


def generate(directory: str = "contracts", options: str = "") -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """What was generated and what failed, by contract."""
    place, contracts = find_contracts(directory)
    result = generate_batch(place, contracts, "out", "standin", options)
    return dict(result.generated), {failure.contract: failure.message for failure in result.failures}


def written() -> list[str]:
    return sorted(str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file())


def test_every_contract_is_generated() -> None:
    contract("contracts/a/v1/a.proto")
    contract("contracts/b/v1/b.proto", "a/v1/a.proto")
    assert generate(options="word") == (
        {"a/v1/a.proto": ("a/v1/a.txt",), "b/v1/b.proto": ("b/v1/b.txt",)},
        {},
    )
    assert written() == ["a/v1/a.txt", "b/v1/b.txt", "runtime.txt"]
    assert Path("out/a/v1/a.txt").read_text() == "// source: a/v1/a.proto\nword"


def test_broken_contract_fails_alone() -> None:
    contract("contracts/good.proto")
    contract("contracts/bad.proto", body="message {")
    assert generate() == (
        {"good.proto": ("good.txt",)},
        {"bad.proto": "bad.proto:2:9: Expected message name."},
    )
    assert written() == ["good.txt", "runtime.txt"]


def test_contract_that_imports_a_broken_one_says_so() -> None:
    contract("contracts/bad.proto", body="message {")
    contract("contracts/user.proto", "bad.proto")
    contract("contracts/users_user.proto", "user.proto")
    contract("contracts/free.proto")
    generated, failed = generate()
    assert list(generated) == ["free.proto"]
    assert failed["user.proto"] == "user.proto: imports bad.proto, which does not compile"
    assert failed["users_user.proto"] == "users_user.proto: imports user.proto, which does not compile"


def test_missing_import_is_named() -> None:
    contract("contracts/a.proto", "no/such.proto")
    contract("contracts/b.proto")
    generated, failed = generate()
    assert (list(generated), list(failed)) == (["b.proto"], ["a.proto"])
    assert "no/such.proto" in failed["a.proto"]


def test_contract_that_the_plugin_refuses_fails_alone() -> None:
    for name in ("a", "refuse", "z"):
        contract(f"contracts/{name}.proto")
    generated, failed = generate()
    assert list(generated) == ["a.proto", "z.proto"]
    assert failed == {"refuse.proto": "refuse.proto:1: 'refuse' is not known"}


def test_contract_that_breaks_the_plugin_fails_alone() -> None:
    for name in ("a", "b", "c", "crash", "z"):
        contract(f"contracts/{name}.proto")
    generated, failed = generate()
    assert list(generated) == ["a.proto", "b.proto", "c.proto", "z.proto"]
    assert failed == {"crash.proto": "crash.proto: no cheese in crash.proto"}


def test_two_contracts_for_one_output_are_reported() -> None:
    contract("contracts/a-b.proto")
    contract("contracts/a_b.proto")
    contract("contracts/c.proto")
    generated, failed = generate()
    assert list(generated) == ["c.proto"]
    assert failed == {
        "a-b.proto": "a-b.proto: writes a_b.txt as a_b.proto does; rename one of them",
        "a_b.proto": "a_b.proto: writes a_b.txt as a-b.proto does; rename one of them",
    }
    assert written() == ["c.txt", "runtime.txt"]


def test_names_that_once_clashed_do_not() -> None:
    contract("contracts/a_b/c.proto")
    contract("contracts/a/b_c.proto")
    contract("contracts/user/legacy.v1.proto")
    generated, failed = generate()
    assert (len(generated), failed) == (3, {})


def test_imports_that_count_from_a_directory_above_are_found() -> None:
    contract("contracts/user/v1/user.proto", "user/v1/name.proto", "shared/id.proto")
    contract("contracts/user/v1/name.proto")
    contract("contracts/shared/id.proto")
    generated, failed = generate("contracts/user")
    assert (list(generated), failed) == (["user/v1/name.proto", "user/v1/user.proto"], {})
    assert "shared/id.txt" not in written()


def test_vendored_imports_are_found() -> None:
    contract("contracts/a.proto", "buf/validate/validate.proto", "google/api/annotations.proto")
    assert generate() == ({"a.proto": ("a.txt",)}, {})


def test_import_cycle_is_named() -> None:
    contract("contracts/a.proto", "b.proto")
    contract("contracts/b.proto", "a.proto")
    contract("contracts/c.proto")
    generated, failed = generate()
    assert (list(generated), sorted(failed)) == (["c.proto"], ["a.proto", "b.proto"])
    assert any("recursively imports itself" in message for message in failed.values())


def test_empty_contracts_fall_back_to_proto_then_to_the_newest_report() -> None:
    Path("contracts").mkdir()
    for name, seconds in (("old", 1), ("new", 2)):
        contract(f"reports/{name}/swop/proto/{name}.proto")
        os.utime(f"reports/{name}/swop/proto", (seconds, seconds))
    assert find_contracts("contracts")[1] == ("new.proto",)
    contract("proto/own.proto")
    assert find_contracts("contracts")[1] == ("own.proto",)
    contract("contracts/real.proto")
    assert find_contracts("contracts")[1] == ("real.proto",)


@pytest.mark.parametrize("name", ["none", "empty"])
def test_directory_without_contracts_is_named(name: str) -> None:
    Path("empty").mkdir()
    contract("proto/own.proto")
    with pytest.raises(UserError, match=rf"^{name}: "):
        find_contracts(name)
