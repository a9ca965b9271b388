"""Contracts that are as they should be, and ways to have others read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from protogate.crosscheck.contracts.documents import Document, parse_document
from protogate.crosscheck.contracts.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.crosscheck.contracts.model import Contract
    from protogate.findings import Finding

COMMAND: dict[str, Any] = {
    "command": "CreateDevice",
    "kind": "CQRS_COMMAND",
    "version": "1.0.0",
    "module": "service-data",
    "description": "Register a device",
    "input": {
        "serial": {"type": "string", "required": True, "description": "Serial number"},
        "mode": {"type": "string", "required": True, "enum": ["auto", "manual"]},
    },
    "output": {"id": {"type": "string"}, "status": {"type": "string", "enum": ["created", "exists"]}},
    "transport": {"http": {"method": "POST", "endpoint": "/api/v3/data/devices"}, "ws": {"channel": "—"}},
    "layers": {
        "python": "backend/api/routes/devices.py::create_device",
        "typescript": "frontend/src/devices.ts",
    },
    "storage": {"database": "c2004", "table": "devices"},
    "events": {"success": "DeviceCreated"},
}
QUERY: dict[str, Any] = {
    "query": "GetServiceIdHealth",
    "kind": "CQRS_QUERY",
    "version": "1.0.0",
    "module": "service-id",
    "description": "Tell how the service is",
    "input": {},
    "output": {
        "status": {"type": "string", "enum": ["ok", "degraded"]},
        "checks": {
            "type": "object",
            "properties": {"database": {"type": "string", "enum": ["ok", "error"]}},
        },
    },
    "transport": {"http": {"method": "GET", "endpoint": "/api/v3/id/health"}},
    "layers": {"python": "backend/api/routes/health.py::get_health"},
}
EVENT: dict[str, Any] = {
    "event": "DeviceCreated",
    "kind": "DOMAIN_EVENT",
    "version": "1.0.0",
    "module": "service-data",
    "description": "A device was registered",
    "payload": {
        "id": {"type": "string", "description": "Device id"},
        "origin": {"type": "string", "enum": ["ui", "api"]},
    },
    "producers": {"python": "backend/api/routes/devices.py"},
    "consumers": ["service-reports"],
    "transport": {"ws": {"channel": "devices"}},
}
SAMPLES = {"command": COMMAND, "query": QUERY, "event": EVENT}


def document(value: object, path: str = "x.command.json") -> Document:
    """Return a value as if it had been read from a file, a key or an item on each line."""
    parsed = parse_document(path, json.dumps(value, indent=1, ensure_ascii=False).encode())
    assert isinstance(parsed, Document), parsed
    return parsed


def refused(text: str | bytes, path: str = "x.command.json") -> Finding:
    """Return the finding about a text that is no document."""
    parsed = parse_document(path, text.encode() if isinstance(text, str) else text)
    assert not isinstance(parsed, Document), parsed
    return parsed


def contract(value: object, path: str = "x.command.json") -> Contract:
    """Return a value as a contract that nothing is to be said against but warnings."""
    made, findings = validate(document(value, path))
    assert made is not None, findings
    return made


def findings(value: object, path: str = "x.command.json") -> list[str]:
    """Return what is found in a value: `line:column rule`."""
    _, found = validate(document(value, path))
    return [f"{one.place.line}:{one.place.column} {one.rule}" for one in found]


def write_tree(root: Path) -> str:
    """Write the three contracts and the layers that they name; return the directory of the contracts."""
    files = {
        "contracts/CreateDevice.command.json": COMMAND,
        "contracts/id/GetServiceIdHealth.query.json": QUERY,
        "contracts/DeviceCreated.event.json": EVENT,
    }
    for name, value in files.items():
        write(root / name, json.dumps(value, indent=2, ensure_ascii=False))
    for name in ("backend/api/routes/devices.py", "backend/api/routes/health.py", "frontend/src/devices.ts"):
        write(root / name, "")
    return str(root / "contracts")


def write(path: Path, text: str) -> None:
    """Write a file, and the directories that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
