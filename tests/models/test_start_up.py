"""Generated models start fast: what only the bridges need is not loaded with them."""

from __future__ import annotations

import subprocess
import sys


def test_models_do_not_import_protobuf() -> None:
    program = "import sys, protogate.models, protogate.models.rules; print('google.protobuf' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "False"
