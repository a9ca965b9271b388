"""The two unmodified Node clients against a real server, without a broker."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.registry.server.contracts import MONEY, ORDER, ORDER_BROKEN, ORDER_WIDER, image
from tests.support.node import node_modules

if TYPE_CHECKING:
    from tests.registry.server.running import RunningServer

pytestmark = pytest.mark.node

_SCRIPTS = Path(__file__).with_name("node")


@pytest.mark.parametrize("script", ["confluent.mjs", "kafkajs.mjs"])
def test_unmodified_node_client(server: RunningServer, tmp_path: Path, script: str) -> None:
    # Node looks for packages beside the script.
    (tmp_path / "node_modules").symlink_to(node_modules())
    shutil.copy(_SCRIPTS / script, tmp_path)
    order = ORDER if script == "confluent.mjs" else _without_timestamp(ORDER)
    asked = {
        "url": server.url,
        "money": MONEY,
        "order": order,
        "wider": ORDER_WIDER,
        "broken": ORDER_BROKEN,
        "image": base64.b64encode(image().SerializeToString()).decode(),
    }
    done = subprocess.run(
        [str(shutil.which("node")), script],
        cwd=tmp_path,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "every call answered\n"


def _without_timestamp(order: str) -> str:
    """The order without an import that the client of kafkajs would look for in the registry."""
    return "".join(line for line in order.splitlines(keepends=True) if "imestamp" not in line)
