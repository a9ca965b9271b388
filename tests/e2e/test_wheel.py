from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import Shell

if TYPE_CHECKING:
    from pathlib import Path

MODULES = "shop.orders.v1.orders_models shop.catalog.v1.catalog_models shop.orders.v1.orders_pb2_grpc"


def test_wheel_has_two_names_at_its_top(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"protogate", "protoc_gen_protogate"}
    assert {"protogate/py.typed", "protogate/options/v1/options.proto"} <= set(names)


def test_doit_builds_once(shop: Shell) -> None:
    first = shop.run("doit")
    assert "3 of 3 contracts generated" in first
    assert shop.run("doit") == "-- generate\n"
    assert shop.files("generated").keys() >= {
        "python/shop/orders/v1/orders_models.py",
        "python/shop/orders/v1/orders_pb2.py",
        "python/shop/orders/v1/orders_pb2.pyi",
        "python/shop/orders/v1/orders_pb2_grpc.py",
        "ts/shop/orders/v1/orders.zod.ts",
        "schema/shop/orders/v1/orders.schema.json",
    }


def test_generated_modules_import(shop: Shell) -> None:
    shop.run("protogate generate all")
    for module in MODULES.split():
        shop.run(f"cd generated/python && python -W error -c 'import {module}'")


def test_buf_alone_makes_the_same_outputs(shop: Shell) -> None:
    shop.run("doit")
    expected = shop.files("generated")
    shop.run("rm -rf generated && buf generate")
    assert shop.files("generated") == expected
    assert shop.run("doit") == "-- generate\n"


def test_protoc_alone_makes_the_same_outputs(shop: Shell) -> None:
    shop.run("doit")
    shop.run(
        "mkdir out && python -m grpc_tools.protoc -I contracts -I .protogate/protos "
        "--plugin=protoc-gen-protogate-zod=$(command -v protoc-gen-protogate-zod) --protogate-zod_out=out "
        "shop/orders/v1/orders.proto shop/catalog/v1/catalog.proto shop/checkout/v1/checkout.proto"
    )
    assert shop.files("out") == shop.files("generated/ts")


def test_every_plugin_is_an_executable(shop: Shell) -> None:
    for target in ("pydantic", "zod", "jsonschema", "sql", "grpc", "contract", "fastapi"):
        assert shop.run(f"protoc-gen-protogate-{target} --version").startswith(f"protoc-gen-protogate-{target} ")


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("generate-pydantic", "shop/orders/v1/orders_models.py"),
        ("generate-zod", "shop/orders/v1/orders.zod.ts"),
        ("generate-json-schema", "shop/orders/v1/orders.schema.json"),
        ("generate-sql --opt dialect=postgresql", "shop/catalog/v1/catalog.sql"),
    ],
)
def test_directory_into_directory(shop: Shell, command: str, output: str) -> None:
    printed = shop.run(f"protogate {command} contracts out")
    assert f"  generated → out/{output}\n" in printed
    assert printed.endswith("Done: 3 ok, 0 failed\n")
    assert output in shop.files("out")


def test_broken_contract_fails_alone_and_keeps_the_last_outputs(shop: Shell) -> None:
    shop.run("doit")
    before = shop.files("generated")
    shop.run("echo 'message {' >> contracts/shop/orders/v1/orders.proto")
    assert "contracts/shop/orders/v1/orders.proto:" in shop.run("protogate generate", code=2)
    assert shop.files("generated") == before
    printed = shop.run("protogate generate-zod contracts out", code=1)
    assert printed.endswith("Done: 2 ok, 1 failed\n")
    assert "failed → shop/orders/v1/orders.proto:" in printed


def test_unknown_option_is_one_clear_error(shop: Shell) -> None:
    shop.run("sed -i s/dialect=sqlite/dialect=oracle/ buf.gen.yaml")
    said = shop.run("protogate generate", code=2)
    assert "option 'dialect': 'oracle' is not known; use one of sqlite, postgresql, mysql" in said
    assert len(said.splitlines()) == 1


def test_own_options_can_be_imported(shop: Shell) -> None:
    path = "contracts/shop/catalog/v1/catalog.proto"
    shop.run(f"""sed -i '/^import/i import "protogate/options/v1/options.proto";' {path}""")
    shop.run(
        f"""sed -i '/^message Product/a \\  option (protogate.options.v1.message).sql.table_name = "wares";' {path}"""
    )
    shop.run("protogate generate sql")
    assert "wares" in shop.files("generated/sql")["shop/catalog/v1/catalog.sql"].decode()


def test_parts_that_need_an_extra_say_so(shop: Shell, scripts: Path) -> None:
    # An environment of its own: others use the shared one at this moment.
    small = Shell(shop.directory, scripts)
    small.run("mv $(python -c 'import protovalidate, os; print(os.path.dirname(protovalidate.__file__))') gone")
    try:
        said = small.run("protogate vendor elsewhere", code=2)
    finally:
        small.run("mv gone $(python -c 'import site; print(site.getsitepackages()[0])')/protovalidate")
    assert "protovalidate" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("gateway --port 1", "gateway"),
        ("gateway smoke", "gateway"),
        ("legacy list", "legacy"),
        ("legacy bootstrap --source sqlite:///a.db", "legacy"),
        ("discovery --repo-root .", "discovery"),
        ("wave-plan", "discovery"),
    ],
)
def test_a_base_installation_says_in_one_line_what_a_command_lacks(
    shop: Shell, scripts: Path, command: str, extra: str
) -> None:
    said = Shell(shop.directory, scripts).run(f"protogate {command}", code=2)
    assert said.count("\n") == 1
    assert f'pip install "protogate[{extra}]"' in said
