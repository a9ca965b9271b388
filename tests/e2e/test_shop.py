"""The example repository does all that its page says, where nothing but the wheel is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import ROOT
from tests.e2e.test_strangler_docs import free_port, running
from tests.support.browser import browser, started_browser  # noqa: F401 - fixtures
from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Shell
    from tests.support.browser import Browser

STAGES = ["lint", "generate", "registry_check", "contracts", "cross_check", "gateway", "smoke", "bridge"]
README = (ROOT / "examples/shop/README.md").read_text(encoding="utf-8")


def test_ci_runs_everything(shop: Shell) -> None:
    out = shop.run("doit ci")
    assert [line.removeprefix(".  ") for line in out.splitlines() if line.startswith(".  ")] == STAGES
    assert re.findall(r"^(\w+) +(\w+) +[\d.]+$", out, re.MULTILINE) == [(name, "ok") for name in STAGES]
    assert "ok    checkout   POST /commands/checkout/place  201" in out
    assert "refused as it should be" in out
    assert "Migration Readiness: 100.0%" in out
    assert "VERIFIED: 100 rows, 100 streams: 100 equal" in out
    assert shop.run("protogate ci").startswith("-- lint\n-- generate\n-- registry_check\n")
    # A second time nothing is taken over twice.
    assert "100 rows: 0 taken over, 100 were there" in shop.run("doit bridge")


def test_its_own_tests_pass(shop: Shell) -> None:
    shop.run("doit")
    assert "6 passed" in shop.run("python -m pytest -q -p no:cacheprovider tests")


def test_a_breaking_change_is_blocked_at_its_line(shop: Shell) -> None:
    (block,) = re.findall(r"## Break it\n\n```sh\n(.*?)```", README, re.DOTALL)
    register, change, check, back = block.splitlines()
    lines = (shop.directory / "contracts/shop/checkout/v1/checkout.proto").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "int32 quantity = 2" in text)
    shop.run(f"{register} && {change}")
    said = shop.run(check, code=1)
    assert f"contracts/shop/checkout/v1/checkout.proto:{line}:" in said
    assert "1 incompatible" in said
    assert "3 unchanged" in shop.run(f"{back} && protogate registry check")


def test_a_status_that_the_contract_does_not_list_is_found(shop: Shell) -> None:
    shop.run("doit && doit contracts")
    path = shop.directory / "generated/contracts/shop/checkout/v1/PlaceOrder.command.json"
    path.write_text(path.read_text().replace(', "STATE_SENT"', ""))
    assert "STATE_SENT" in shop.run("protogate codegen registry generated/contracts --cross-check-pydantic", code=1)


def test_the_gateway_answers_as_the_page_says(shop: Shell, installed: Path) -> None:
    shop.run("doit")
    (block,) = re.findall(r"## Serve it\n\n```sh\n(.*?)```", README, re.DOTALL)
    start, post = re.sub(r"\\\n\s*", " ", block).splitlines()
    port = free_port()
    with running(installed, start.replace("8080", port).split(), shop.directory, int(port)):
        placed = shop.run(post.replace("8080", port))
        assert '"state":"STATE_OPEN","version":1' in placed
        (order,) = re.findall(r'"id":"([^"]+)"', placed)
        assert '"customer":"Ann"' in shop.run(f"curl -sS http://127.0.0.1:{port}/queries/checkout/orders/{order}")
        assert "OrderPlaced" in shop.run(f"curl -sS 'http://127.0.0.1:{port}/events?after=0&limit=10'")


@contextmanager
def _page(shop: Shell, installed: Path) -> Iterator[str]:
    """The address of the page, compiled and served."""
    modules = node_modules()
    shop.run("doit")
    (shop.directory / "web/node_modules").mkdir()
    shutil.copytree(modules / "zod", shop.directory / "web/node_modules/zod")
    command = [str(modules / ".bin/tsc"), "--project", "web/tsconfig.json"]
    done = subprocess.run(command, cwd=shop.directory, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stdout
    port = free_port()
    server = ["uvicorn", "service.app:app", "--port", port]
    with running(installed, server, shop.directory, int(port)):
        yield f"http://127.0.0.1:{port}/"


def test_people_order_on_the_page(shop: Shell, installed: Path, browser: Browser) -> None:  # noqa: F811 - a fixture
    with _page(shop, installed) as address:
        browser.driver.get(address)
        browser.wait(lambda: len(browser.texts("#products li")) == 3)
        assert browser.texts("#products li span") == [
            "A cup, 8.90 €",
            "A pot for four, 32.00 €",
            "Green tea, 100 g, 5.40 €",
        ]
        browser.one("[data-product=tea]").click()
        # The rules of the contract hold in the page: nothing was sent.
        browser.wait(lambda: browser.texts("[role=alert]") == ["Not ordered: customer is not right."])
        browser.one("#customer").send_keys("Ann")
        browser.one("[data-product=tea]").click()
        browser.wait(lambda: browser.texts("#said") == ["Ordered: 1 of tea for Ann."])


@pytest.mark.parametrize("path", sorted(set(re.findall(r"^\| (`.*?) \|", README, re.MULTILINE))))
def test_places_of_the_page_exist(path: str) -> None:
    for place in re.findall(r"`([^`]+)`", path):
        assert (ROOT / "examples/shop" / place).exists(), place
