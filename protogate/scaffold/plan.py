"""What a new slice adds to a project, worked out before the first file is written."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.config import load_config
from protogate.errors import UserError
from protogate.scaffold.edits import with_slice, with_yaml_items
from protogate.scaffold.names import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.config import Config

__all__ = [
    "Plan",
    "contracts_directory",
    "plan_slice",
    "read_text",
    "rendered",
    "slice_words",
    "with_modules",
    "write_files",
    "write_plan",
]

_MODULE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PROTOS: Final = ".protogate/protos"
_PROJECT: Final = "pyproject.toml"


class Plan(NamedTuple):
    """Paths are relative to the project, with `/`."""

    created: Mapping[str, str]
    """Files that must not be there yet: path to text."""
    edited: Mapping[str, str]
    """Files of the project that get an entry more."""
    entry: str
    """What is registered: `slices.order.slice:SLICE`."""
    test: str
    """The path of the tests."""


def plan_slice(root: Path, name: str, directory: str) -> Plan:
    """Work out what a slice adds to a project.

    Args:
        root: the project.
        name: of the slice.
        directory: where slices stand, relative to the project.

    Raises:
        UserError: the name or the directory cannot be used, a file is there already, or one cannot be added to.
    """
    names_of(name)
    config = load_config(str(root))
    template = read_text(root, config.template)
    contracts = contracts_directory(template, config.template)
    package = _package(directory, config)
    folder = f"{PurePosixPath(directory)}/{name}"
    words = slice_words(root, name, directory)
    test = f"tests/test_{name}_slice.py"
    files = {
        f"{contracts}/{name}/v1/{name}.proto": "contract.proto",
        f"{folder}/__init__.py": "package.py",
        f"{folder}/state.py": "state.py",
        f"{folder}/handlers.py": "handlers.py",
        f"{folder}/slice.py": "slice.py",
        test: "test_slice.py",
    }
    _check_new(root, files)
    if not (root / directory / "__init__.py").exists():
        files[f"{PurePosixPath(directory)}/__init__.py"] = "slices.py"
    if not (root / "buf.yaml").exists():
        files["buf.yaml"] = "buf.yaml"
    entry = f"{package}.{name}.slice:SLICE"
    edited = {
        config.template: _with_targets(template, config.template, contracts, directory, package),
        _PROJECT: with_slice(read_text(root, _PROJECT), entry),
    }
    if "buf.yaml" not in files:
        edited["buf.yaml"] = with_modules(read_text(root, "buf.yaml"))
    changed = {path: text for path, text in edited.items() if text != read_text(root, path)}
    created = {path: text for path, text in changed.items() if not (root / path).exists()}
    return Plan(
        {**rendered(files, words), **created},
        {path: text for path, text in changed.items() if path not in created},
        entry,
        test,
    )


def slice_words(root: Path, name: str, directory: str) -> dict[str, Any]:
    """Return what templates of a slice call things."""
    config = load_config(str(root))
    package = _package(directory, config)
    return {
        **names_of(name)._asdict(),
        "contracts": contracts_directory(read_text(root, config.template), config.template),
        "generated": f"{package}._gen",
        "package": f"{package}.{name}",
    }


def write_plan(root: Path, plan: Plan) -> None:
    """Write all files; each is complete or not there.

    Raises:
        UserError: a file cannot be written.
    """
    write_files(root, {**plan.created, **plan.edited})


def write_files(root: Path, texts: Mapping[str, str]) -> None:
    """Write files, path to text; all of them, or on failure none that is not complete.

    Raises:
        UserError: a file cannot be written.
    """
    beside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f".{target.name}.new")
            new.write_text(text, encoding="utf-8", newline="")
            if target.exists():
                new.chmod(target.stat().st_mode & 0o777)
            beside[target] = new
        for target, new in beside.items():
            new.replace(target)
    except OSError as error:
        for new in beside.values():
            new.unlink(missing_ok=True)
        raise UserError(f"{error.filename or root}: {(error.strerror or str(error)).lower()}") from None


def _check_new(root: Path, files: Mapping[str, str]) -> None:
    for path in files:
        if os.path.lexists(root / path):
            raise UserError(f"{path}: is there already and stays as it is; choose another name or --dir")


def rendered(files: Mapping[str, str], words: Mapping[str, Any], *, trims: bool = False) -> dict[str, str]:
    """Fill in the templates of some files: path to name of the template, path to text.

    Args:
        files: path to name of the template.
        words: what the templates speak of.
        trims: whether a line with nothing but a statement of the template is none of the text.
    """
    import jinja2  # noqa: PLC0415 - only once everything else is known to be right

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Python and protobuf, no HTML; every word was checked
        keep_trailing_newline=True,
        trim_blocks=trims,
        lstrip_blocks=trims,
    )
    return {path: environment.get_template(f"{template}.jinja").render(words) for path, template in files.items()}


def read_text(root: Path, path: str) -> str:
    """Give the text of a file, with its line ends; empty where there is none.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with (root / path).open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "is no UTF-8"
        raise UserError(f"{path}: {reason}") from None


def _package(directory: str, config: Config) -> str:
    """The package of a directory, below a directory of `python_path` if it stands in one."""
    path = PurePosixPath(directory)
    parts = path.parts
    if path.is_absolute() or not parts or ".." in parts:
        raise UserError(f"--dir {directory}: name a directory inside the project, such as slices")
    for base in sorted(config.python_path, key=len, reverse=True):
        if path.is_relative_to(base) and path != PurePosixPath(base):
            parts = path.relative_to(base).parts
            break
    if not all(_MODULE.fullmatch(part) for part in parts):
        raise UserError(f"--dir {directory}: is no Python package; use letters, digits and '_'")
    return ".".join(parts)


def contracts_directory(template: str, path: str) -> str:
    """Give the directory of contracts that a generation template reads; `contracts` where it names none."""
    import yaml  # noqa: PLC0415 - not for a name that is wrong

    try:
        document = yaml.safe_load(template) if template else {}
    except yaml.YAMLError as error:
        raise UserError(f"{path}: cannot be read as YAML: {str(error).splitlines()[0]}") from None
    inputs = document.get("inputs") if isinstance(document, dict) else None
    first = inputs[0] if isinstance(inputs, list) and inputs else None
    found = first.get("directory", "contracts") if isinstance(first, dict) else "contracts"
    return str(PurePosixPath(str(found)))


def _with_targets(template: str, path: str, contracts: str, directory: str, package: str) -> str:
    """The generation template with models and routers of slices."""
    if not template:
        template = f"version: v2\ninputs:\n  - directory: {contracts}\nplugins:\n"
    out = f"{PurePosixPath(directory)}/_gen"
    items = []
    for name in ("pydantic", "fastapi"):
        value = {
            "local": f"protoc-gen-protogate-{name}",
            "out": out,
            "strategy": "all",
            "opt": [f"import_prefix={package}._gen"],
        }
        block = f"- local: {value['local']}\n  out: {out}\n  strategy: all\n  opt: [import_prefix={package}._gen]"
        items.append((value, block))
    return with_yaml_items(template, path, "plugins", items)


def with_modules(text: str) -> str:
    """Give the text of a buf.yaml with the module of the contracts that others import."""
    import yaml  # noqa: PLC0415 - as above

    document = yaml.safe_load(text) if text else {}
    modules = document.get("modules", []) if isinstance(document, dict) else []
    if any(isinstance(module, dict) and module.get("path") == _PROTOS for module in modules):
        return text
    ignored = {"ignore": [_PROTOS]}
    value = {"path": _PROTOS, "lint": ignored, "breaking": ignored}
    block = "\n".join(
        (
            f"- path: {_PROTOS}",
            "  lint:",
            "    ignore:",
            f"      - {_PROTOS}",
            "  breaking:",
            "    ignore:",
            f"      - {_PROTOS}",
        )
    )
    return with_yaml_items(text, "buf.yaml", "modules", [(value, block)])
