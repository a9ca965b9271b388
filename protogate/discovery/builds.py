"""Files that say how a repository is built and run: what they depend on, start, listen at, and are made of.

Each format is read by a parser of it, and nothing is executed: a `setup.py` is read as a tree, a Dockerfile line by
line. What a broken file says is lost, never what the others say.

Facts are tuples of text, by name; those that are empty are left out:

- `name`, `dependencies` (all of them, only names, as the registry of the language compares them),
  `dev_dependencies` (those of them that only developers need), `includes` (other files that are read)
- `scripts` (names), `commands` (what is run; `name=command` where it has a name), `targets` (of make and doit)
- `entry_points` (`name=module:function`), `entry_point_groups` (what plugins are offered to)
- `services`, `ports`, `images`, `build_context`, `dockerfiles`, `depends_on`: of compose files as `service=value`
- `databases` (`postgres`, `redis`, ...: what the images are), `workspaces`, `jobs`, `plugins`, `settings`
"""

from __future__ import annotations

import ast
import codecs
import configparser
import json
import posixpath
import re
import shlex
import tomllib
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.parsers import expat

from protogate.discovery.files import LARGEST, WORKFLOWS
from protogate.discovery.model import Manifest, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.files import Directory

__all__ = ["manifest_kind", "manifest_paths", "read_manifest", "read_manifests"]

_Facts = dict[str, tuple[str, ...]]

_KIND_OF_NAME: Final = {
    "pyproject.toml": "pyproject",
    "setup.py": "setup.py",
    "setup.cfg": "setup.cfg",
    "pipfile": "pipfile",
    "package.json": "package.json",
    "pnpm-workspace.yaml": "pnpm-workspace",
    "lerna.json": "lerna",
    "makefile": "makefile",
    "gnumakefile": "makefile",
    "go.mod": "go.mod",
    "go.work": "go.work",
    "cargo.toml": "cargo",
    "pom.xml": "pom",
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "settings.gradle": "gradle",
    "settings.gradle.kts": "gradle",
    "dodo.py": "dodo",
    ".gitlab-ci.yml": "gitlab-ci",
    "module.yaml": "module.yaml",
    "module.yml": "module.yaml",
    "chart.yaml": "helm",
    "kustomization.yaml": "k8s",
    "kustomization.yml": "k8s",
    "angular.json": "angular.json",
    "manage.py": "manage.py",
    "alembic.ini": "alembic.ini",
    "tox.ini": "tox.ini",
}
_KIND_OF_FORM: Final = re.compile(
    r"""(?P<dockerfile>(?:docker|container)file(?:[._-].+)?(?<!\.dockerignore)(?<!\.j2)(?<!\.tpl)(?<!\.in)(?<!\.md)
                      (?<!\.txt)(?<!\.rst)(?<!\.sh)(?<!\.py)(?<!\.template)
                      |.+\.(?:docker|container)file)
    |(?P<compose>(?:.+[._-])?compose(?:[._-].+)?\.ya?ml)
    |(?P<requirements>requirements.*\.(?:txt|in|pip)|.+[._-]requirements\.(?:txt|in))
    |(?P<tsconfig>[tj]sconfig(?:\..+)?\.json)
    |(?P<buf>buf(?:\.gen|\.work)?(?:\..+)?\.ya?ml)
    |(?P<procfile>procfile(?:\..+)?)
    |(?P<makefile>.+\.mk)
    |(?P<vite>vite\.config\.[mc]?[jt]s)
    |(?P<next>next\.config\.[mc]?[jt]s)
    |(?P<nuxt>nuxt\.config\.[mc]?[jt]s)
    |(?P<svelte>svelte\.config\.[mc]?[jt]s)
    |(?P<astro>astro\.config\.[mc]?[jt]s)
    |(?P<tailwind>tailwind\.config\.[mc]?[jt]s)
    """,
    re.VERBOSE,
)
_CLUSTER: Final = frozenset({"k8s", "kubernetes", "kube", "kustomize", "manifests", "deploy", "deployment", "helm"})
"""Directories in which YAML may be Kubernetes'; whether it is, the file says."""
_DEVELOPMENT: Final = re.compile(
    r"(?:^|[._/-])(?:dev|develop|development|tests?|testing|docs?|lint|linting|typing|types|ci|bench|benchmarks?)"
    r"(?:$|[._/-])"
)
"""Names of groups and files of dependencies that users of the program do not need."""
_ORDERED: Final = frozenset({"commands", "stages"})
"""Facts whose order says something; all others are sorted."""
_MOST_PROBLEMS: Final = 5
"""Of one file: what is no Dockerfile at all would have one for each line."""
_LONGEST_VALUE: Final = 4_096
"""Of a variable of a Dockerfile: `ENV A=$A$A` doubles it, and a file may do so sixty times."""
_LONGEST_COMMAND: Final = 500
_LARGEST_VALUE: Final = 65_536
"""Items or characters of a variable of a `setup.py`, for the same reason."""


class _Reading(NamedTuple):
    facts: _Facts | None
    """None where the file only has the name of a manifest."""
    problems: tuple[tuple[int, str], ...] = ()


class _BrokenError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


# Where they are.


def manifest_paths(directories: Iterable[Directory]) -> tuple[str, ...]:
    """Return the files in directories that have names of manifests, sorted, relative to the root, with `/`."""
    found: list[str] = []
    for prefix, files in directories:
        is_cluster = not _CLUSTER.isdisjoint(prefix.lower().split("/"))
        for entry in files:
            name = entry.name
            if _is_candidate(prefix, name, is_cluster=is_cluster) and entry.is_file(follow_symlinks=False):
                found.append(prefix + name)
    return tuple(sorted(found))


def manifest_kind(path: str) -> str:
    """Return which kind of manifest a path is by its name; empty for anything else."""
    directory, _, name = path.rpartition("/")
    lowered = name.lower()
    is_yaml = lowered.endswith((".yml", ".yaml"))
    if is_yaml and path.startswith(WORKFLOWS) and directory + "/" == WORKFLOWS:
        return "github-workflow"
    if kind := _KIND_OF_NAME.get(lowered):
        return kind
    if (form := _KIND_OF_FORM.fullmatch(lowered)) is not None:
        return form.lastgroup or ""
    parts = directory.lower().split("/")
    if parts[-1] == "requirements" and lowered.endswith((".txt", ".in")):
        return "requirements"
    return "k8s" if is_yaml and not _CLUSTER.isdisjoint(parts) else ""


def _is_candidate(prefix: str, name: str, *, is_cluster: bool) -> bool:
    lowered = name.lower()
    # Most files are code, whose names are not looked at any further.
    if lowered.endswith(".py"):
        return lowered in _KIND_OF_NAME
    if lowered in _KIND_OF_NAME or _KIND_OF_FORM.fullmatch(lowered):
        return True
    # The path is looked at for the few endings that need it: there may be ten thousand other files.
    if lowered.endswith((".txt", ".in", ".yml", ".yaml")):
        return is_cluster or bool(manifest_kind(prefix + name))
    return False


# What they say.


def read_manifests(root: Path, paths: Iterable[str]) -> tuple[tuple[Manifest, ...], tuple[Problem, ...]]:
    """Return what the manifests at some paths say, and what could not be read, both sorted by path."""
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for path in sorted(set(paths)):
        data, why = _bytes(root / path)
        if why:
            problems.append(Problem(path, 0, why))
            continue
        manifest, found = read_manifest(path, data)
        problems.extend(found)
        if manifest is not None:
            manifests.append(manifest)
    return tuple(manifests), tuple(problems)


def read_manifest(path: str, data: bytes) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """Return what one manifest says, and its problems; None where it only has the name of one.

    One that is broken is still a manifest, without facts.
    """
    kind = manifest_kind(path)
    if not kind:
        return None, ()
    try:
        reading = _READERS[kind](path, data)
    except _FAILURES as error:
        line, message = _told(error)
        return Manifest(path, kind), (Problem(path, line, message),)
    problems = tuple(Problem(path, line, message) for line, message in reading.problems[:_MOST_PROBLEMS])
    return (None if reading.facts is None else Manifest(path, kind, reading.facts)), problems


def _bytes(place: Path) -> tuple[bytes, str]:
    try:
        size = place.stat().st_size
        if size > LARGEST:
            return b"", f"has {size:,} bytes, more than {LARGEST:,}; left out"
        return place.read_bytes(), ""
    except OSError as error:
        return b"", f"cannot be read: {error.strerror}"


_FAILURES: Final = (
    _BrokenError,
    ValueError,
    SyntaxError,
    configparser.Error,
    expat.ExpatError,
    RecursionError,
    MemoryError,
)
"""What parsers raise over a text that is none of theirs."""
_TOML_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def _told(error: Exception) -> tuple[int, str]:  # noqa: PLR0911, as many parsers, as many errors
    match error:
        case _BrokenError():
            return error.line, error.message
        case UnicodeDecodeError():
            return error.object[: error.start].count(b"\n") + 1, "cannot be read: is not UTF-8"
        case tomllib.TOMLDecodeError():
            place = _TOML_PLACE.search(str(error))
            line = int(place[1]) if place is not None and place[1] else 0
            return line, f"cannot be read as TOML: {_TOML_PLACE.sub('', str(error))}"
        case json.JSONDecodeError():
            return error.lineno, f"cannot be read as JSON: {error.msg}"
        case SyntaxError():
            return error.lineno or 0, f"cannot be read as Python 3: {error.msg}"
        case configparser.ParsingError():
            line, text = _first_of_ini(error)
            return line, f"cannot be read as INI: {text}"
        case expat.ExpatError():
            return error.lineno, f"cannot be read as XML: {expat.ErrorString(error.code)}"
        case RecursionError() | MemoryError():
            return 0, "cannot be read: is nested too deeply"
    return 0, f"cannot be read: {' '.join(str(error).split())}"


def _first_of_ini(error: configparser.ParsingError) -> tuple[int, str]:
    if isinstance(error, configparser.MissingSectionHeaderError):
        return error.lineno, "no section begins before this line"
    line = int(error.errors[0][0]) if error.errors else 0
    return line, "is neither a section nor `name = value`"


def _facts(**found: Iterable[str]) -> _Facts:
    facts = {}
    for name in sorted(found):
        values = [value for value in dict.fromkeys(found[name]) if value]
        if values:
            facts[name] = tuple(values if name in _ORDERED else sorted(values))
    return facts


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _table(value: object, *keys: str) -> dict[str, object]:
    """Return the table at some keys; an empty one where something else is there, or nothing."""
    found = _at(value, *keys)
    return found if isinstance(found, dict) else {}


def _list(value: object, *keys: str) -> list[object]:
    found = _at(value, *keys)
    return found if isinstance(found, list) else []


def _texts(value: object, *keys: str) -> list[str]:
    """Return the text or the texts at some keys."""
    found = _at(value, *keys)
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def _pairs(table: Mapping[str, object]) -> list[str]:
    return [f"{name}={_line_of(value)}" for name, value in table.items() if isinstance(value, str)]


def _line_of(command: str) -> str:
    return " ".join(command.split())[:_LONGEST_COMMAND]


def _strict(data: bytes) -> str:
    return data.decode("utf-8-sig")


def _lenient(data: bytes) -> str:
    """Formats of lines: a strange character in one of them takes nothing from the others."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    return data.decode("utf-8-sig", "replace")


def _beside(path: str, other: str) -> str:
    """Return a path that is written in a manifest, relative to the root; with leading `..` where it leaves it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


# Python.

_REQUIREMENT: Final = re.compile(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(?=$|[<>=!~;@(])"
)
_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
_WHEEL: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._]*)-[^/\s]+\.whl(?:$|[\s;#])")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OPTION: Final = re.compile(r"-{1,2}[A-Za-z]")
_INCLUDE: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s+|\s*=\s*|(?=[^-\s]))(\S+)")
_EDITABLE: Final = re.compile(r"(?:-e|--editable)(?:\s+|\s*=\s*)")
_CONSOLE: Final = frozenset({"console_scripts", "gui_scripts"})
_EXTRAS: Final = re.compile(r"\[[^\]]*\]$")


def _normalised(name: str) -> str:
    """Return the name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirement(text: str) -> str:
    """Return the name in `Name[extra]>=1; marker`; empty where there is none."""
    found = _REQUIREMENT.match(text.strip())
    return _normalised(found[1]) if found is not None else ""


def _requirements_of(texts: Iterable[str]) -> list[str]:
    return [_requirement(text) for text in texts]


def _grouped(groups: Mapping[str, Iterable[str]]) -> tuple[list[str], list[str]]:
    """Return the names in groups of requirements, and those that only developers need."""
    everything, development = [], []
    for group, texts in groups.items():
        names = _requirements_of(texts)
        everything.extend(names)
        if _DEVELOPMENT.search(group.lower()):
            development.extend(names)
    return everything, development


def _entry_point(name: str, target: str) -> str:
    return f"{name.strip()}={_EXTRAS.sub('', target.strip()).replace(' ', '')}"


class _EntryPoints(NamedTuple):
    points: list[str]
    scripts: list[str]
    groups: list[str]


def _entry_points(groups: Mapping[str, Iterable[tuple[str, str]]]) -> _EntryPoints:
    found = _EntryPoints([], [], [])
    for group, points in groups.items():
        listed = list(points)
        found.points.extend(_entry_point(name, target) for name, target in listed)
        if group in _CONSOLE:
            found.scripts.extend(name.strip() for name, _ in listed)
        else:
            found.groups.append(group)
    return found


def _pyproject(_path: str, data: bytes) -> _Reading:
    read: dict[str, object] = tomllib.loads(_strict(data))
    project, poetry = _table(read, "project"), _table(read, "tool", "poetry")
    groups = {
        "": _texts(project, "dependencies"),
        "dev": _texts(read, "tool", "uv", "dev-dependencies"),
        **{f"extra/{name}": _texts(listed) for name, listed in _table(project, "optional-dependencies").items()},
        # An installer knows these groups, a user of the package does not.
        **{f"dev/{name}": _texts(listed) for name, listed in _table(read, "dependency-groups").items()},
        **{f"dev/{name}": _texts(listed) for name, listed in _table(read, "tool", "pdm", "dev-dependencies").items()},
        **_poetry_groups(poetry),
    }
    everything, development = _grouped(groups)
    points = _entry_points(
        {
            "console_scripts": _named(_table(project, "scripts")) + _named(_table(poetry, "scripts")),
            "gui_scripts": _named(_table(project, "gui-scripts")),
            **{group: _named(_table(listed)) for group, listed in _table(project, "entry-points").items()},
            **{group: _named(_table(listed)) for group, listed in _table(poetry, "plugins").items()},
        }
    )
    return _Reading(
        _facts(
            name=_texts(project, "name") or _texts(poetry, "name"),
            dependencies=everything,
            dev_dependencies=development,
            scripts=points.scripts,
            entry_points=points.points,
            entry_point_groups=points.groups,
            workspaces=_texts(read, "tool", "uv", "workspace", "members"),
        )
    )


def _poetry_groups(poetry: Mapping[str, object]) -> dict[str, list[str]]:
    groups = {
        "poetry": list(_table(poetry, "dependencies")),
        "poetry/dev": list(_table(poetry, "dev-dependencies")),
        **{
            f"poetry/dev/{name}": list(_table(group, "dependencies"))
            for name, group in _table(poetry, "group").items()
            if name != "main"
        },
    }
    return {group: [name for name in names if name.lower() != "python"] for group, names in groups.items()}


def _named(table: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return names and targets; poetry's may be tables: `{reference = "a:b", type = "console"}`."""
    found = []
    for name, value in table.items():
        target = _at(value, "reference") or _at(value, "callable") if isinstance(value, dict) else value
        if isinstance(target, str):
            found.append((name, target))
    return found


def _pipfile(_path: str, data: bytes) -> _Reading:
    read: dict[str, object] = tomllib.loads(_strict(data))
    development = _requirements_of(_table(read, "dev-packages"))
    return _Reading(
        _facts(
            dependencies=_requirements_of(_table(read, "packages")) + development,
            dev_dependencies=development,
            scripts=_table(read, "scripts"),
            commands=_pairs(_table(read, "scripts")),
        )
    )


def _requirements(path: str, data: bytes) -> _Reading:
    names, includes = [], []
    problems = []
    for number, line in _joined_lines(_lenient(data)):
        text = _COMMENT.sub("", line).strip()
        if not text:
            continue
        if (include := _INCLUDE.match(text)) is not None:
            includes.append(include[1] if "://" in include[1] else _beside(path, include[1]))
            continue
        editable = _EDITABLE.match(text)
        if editable is None and _OPTION.match(text):
            continue
        name, is_known = _required(text[editable.end() :] if editable is not None else text)
        names.append(name)
        if not is_known:
            problems.append((number, f"`{text[:80]}` is no requirement"))
    return _Reading(
        _facts(
            dependencies=names,
            dev_dependencies=names if _DEVELOPMENT.search(path.rpartition("/")[2].lower()) else (),
            includes=includes,
        ),
        tuple(problems),
    )


def _required(text: str) -> tuple[str, bool]:
    """Return the name that is required, empty where only a place is said, and whether it is a requirement at all."""
    requirement = text.partition(" --")[0].strip()
    if name := _requirement(requirement):
        return name, True
    if (named := _EGG.search(text) or _WHEEL.search(requirement)) is not None:
        return _normalised(named[1]), True
    is_place = "/" in requirement or "\\" in requirement or requirement.startswith(".")
    return "", is_place


def _joined_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with those that continue them, and the number of the first."""
    first, held = 0, ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        first = first or number
        # A comment does not continue.
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            held += line[:-1]
            continue
        yield first, held + line
        first, held = 0, ""
    if held:
        yield first, held


class _Ini(configparser.ConfigParser):
    """As setuptools and tox read it: names keep their case, `%` means nothing."""

    def __init__(self, data: bytes) -> None:
        super().__init__(interpolation=None, strict=False)
        self.read_string(_lenient(data))

    def optionxform(self, optionstr: str) -> str:
        return optionstr

    def text(self, section: str, option: str) -> str:
        return self.get(section, option, fallback="")

    def lines(self, section: str, option: str) -> list[str]:
        return _lines(self.text(section, option))


def _lines(text: str) -> list[str]:
    stripped = (_COMMENT.sub("", line).strip() for line in text.splitlines())
    return [line for line in stripped if line]


def _setup_cfg(_path: str, data: bytes) -> _Reading:
    ini = _Ini(data)
    extras = dict(ini.items("options.extras_require")) if ini.has_section("options.extras_require") else {}
    groups = {
        "": ini.lines("options", "install_requires"),
        "tests": ini.lines("options", "tests_require"),
        **{f"extra/{name}": _lines(listed) for name, listed in extras.items()},
    }
    everything, development = _grouped(groups)
    section = "options.entry_points"
    listed = dict(ini.items(section)) if ini.has_section(section) else {}
    points = _entry_points({group: _assigned(_lines(text)) for group, text in listed.items()})
    return _Reading(
        _facts(
            name=[ini.text("metadata", "name")],
            dependencies=everything,
            dev_dependencies=development,
            scripts=points.scripts,
            entry_points=points.points,
            entry_point_groups=points.groups,
        )
    )


def _assigned(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of `name = target`."""
    split = (line.partition("=") for line in lines)
    return [(name, target) for name, equals, target in split if equals]


def _tox(_path: str, data: bytes) -> _Reading:
    ini = _Ini(data)
    names: list[str] = []
    commands: list[str] = []
    for section in ini.sections():
        if section == "testenv" or section.startswith("testenv:"):
            for line in ini.lines(section, "deps"):
                # `py39,django: name` is a requirement under a condition.
                condition, colon, rest = line.partition(": ")
                names.append(_requirement(rest if colon and "=" not in condition else line))
            commands.extend(_line_of(line) for line in ini.lines(section, "commands"))
    environments = re.split(r"[,\s]+(?![^{]*\})", _COMMENT.sub("", ini.text("tox", "envlist")))
    return _Reading(_facts(dependencies=names, dev_dependencies=names, commands=commands, environments=environments))


def _alembic(path: str, data: bytes) -> _Reading:
    ini = _Ini(data)
    # Of the address only which database it is: the rest is nobody's business.
    scheme = ini.text("alembic", "sqlalchemy.url").partition("://")[0].partition("+")[0]
    location = ini.text("alembic", "script_location").replace("%(here)s/", "")
    is_path = bool(location) and ":" not in location
    return _Reading(
        _facts(
            databases=[_DATABASES.get(scheme, "")],
            script_location=[_beside(path, location) if is_path else location],
        )
    )


def _tree(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        # That an old text has a strange escape is for its authors to hear.
        warnings.simplefilter("ignore")
        return ast.parse(data)


def _dodo(_path: str, data: bytes) -> _Reading:
    names = [node.name for node in _tree(data).body if isinstance(node, ast.FunctionDef)]
    return _Reading(_facts(targets=[name.removeprefix("task_") for name in names if name.startswith("task_")]))


def _manage(_path: str, data: bytes) -> _Reading:
    if b"DJANGO_SETTINGS_MODULE" not in data:
        return _Reading(None)
    tree = _tree(data)
    names = _assigned_names(tree)
    found: list[str] = []
    for node in ast.walk(tree):
        values = [_value(argument, names) for argument in node.args] if isinstance(node, ast.Call) else []
        if values[:1] == ["DJANGO_SETTINGS_MODULE"]:
            found.extend(text for text in values[1:2] if isinstance(text, str))
    return _Reading(_facts(settings=found))


_Value = str | list["_Value"] | dict[str, "_Value"] | None
"""What is known of an expression; None for what only running it tells."""
_CALLS_SETUP: Final = re.compile(rb"\bsetup\s*\(")
_BUILDERS: Final = (b"setuptools", b"distutils")
_UNKNOWN_PART: Final = "{}"
_FORMATTED: Final = re.compile(r"%[a-z]|%\(\w+\)[a-z]")


def _setup_py(_path: str, data: bytes) -> _Reading:
    if not _CALLS_SETUP.search(data) or not any(builder in data for builder in _BUILDERS):
        return _Reading(None)
    arguments = _setup_arguments(_tree(data))
    extras = arguments.get("extras_require")
    groups = {
        "": _flat(arguments.get("install_requires")),
        "tests": _flat(arguments.get("tests_require")),
        **{f"extra/{name}": _flat(listed) for name, listed in (extras if isinstance(extras, dict) else {}).items()},
    }
    everything, development = _grouped(groups)
    points = _entry_points(_setup_entry_points(arguments.get("entry_points")))
    name = arguments.get("name")
    scripts = [posixpath.basename(script) for script in _flat(arguments.get("scripts"))]
    return _Reading(
        _facts(
            name=[name] if isinstance(name, str) and _UNKNOWN_PART not in name else (),
            dependencies=everything,
            dev_dependencies=development,
            scripts=points.scripts + scripts,
            entry_points=points.points,
            entry_point_groups=points.groups,
        )
    )


def _setup_entry_points(value: _Value) -> dict[str, list[tuple[str, str]]]:
    if isinstance(value, str):
        ini = _Ini(value.encode())
        return {group: list(ini.items(group)) for group in ini.sections()}
    if isinstance(value, dict):
        return {group: _assigned(_flat(points)) for group, points in value.items()}
    return {}


def _flat(value: _Value) -> list[str]:
    """Return the texts of a list, or the lines of a text."""
    if isinstance(value, str):
        return _lines(value)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _assigned_names(tree: ast.Module) -> dict[str, _Value]:
    """Return what variables hold after all statements, wherever they stand, in their order."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    names: dict[str, _Value] = {}
    for statement in sorted(statements, key=lambda node: (node.lineno, node.col_offset)):
        _remember(statement, names)
    return names


def _setup_arguments(tree: ast.Module) -> dict[str, _Value]:
    """Return what is known of the arguments of `setup()`, whatever module it is called from."""
    names = _assigned_names(tree)
    found: dict[str, _Value] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) == "setup":
            for keyword in node.keywords:
                value = _value(keyword.value, names)
                if keyword.arg is not None:
                    found[keyword.arg] = value
                elif isinstance(value, dict):
                    found.update(value)
    return found


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _remember(node: ast.stmt, names: dict[str, _Value]) -> None:
    """Take what a statement does to a variable; a value that nobody knows takes nothing away."""
    match node:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            known = _value(value, names)
            if known is not None:
                _assign(target, known, names)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            _extend(names.get(name), _value(value, names))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method), args=[argument])):
            known = _value(argument, names)
            if method == "append":
                _extend(_value(owner, names), [known])
            elif method in {"extend", "update"}:
                _extend(_value(owner, names), known)
        case _:
            pass


def _assign(target: ast.expr, value: _Value, names: dict[str, _Value]) -> None:
    value = value[:_LARGEST_VALUE] if isinstance(value, str) else value
    if isinstance(value, list):
        del value[_LARGEST_VALUE:]
    match target:
        case ast.Name(id=name):
            names[name] = value
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
            owner = names.get(name)
            if isinstance(owner, dict):
                owner[key] = value
        case _:
            pass


def _extend(owner: _Value, more: _Value) -> None:
    if isinstance(owner, list) and isinstance(more, list):
        owner.extend(more[: _LARGEST_VALUE - len(owner)])
    elif isinstance(owner, dict) and isinstance(more, dict):
        owner.update(more)


def _value(node: ast.expr, names: Mapping[str, _Value]) -> _Value:  # noqa: PLR0911, one case for each form
    match node:
        case ast.Constant(value=str() as constant):
            return constant
        case ast.Name(id=name):
            return names.get(name)
        case ast.JoinedStr(values=parts):
            return "".join(_text_or_unknown(_value(part, names)) for part in parts)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return _items(items, names)
        case ast.Dict():
            return _dictionary(node, names)
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)):
            table = _value(owner, names)
            return table.get(key) if isinstance(table, dict) else None
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_value(left, names), _value(right, names))
        case ast.BinOp(left=left, op=ast.Mod()):
            form = _value(left, names)
            return _FORMATTED.sub(_UNKNOWN_PART, form) if isinstance(form, str) else None
        case ast.Call():
            return _called(node, names)
    return None


def _text_or_unknown(value: _Value) -> str:
    return value if isinstance(value, str) else _UNKNOWN_PART


def _items(nodes: Iterable[ast.expr], names: Mapping[str, _Value]) -> list[_Value]:
    found: list[_Value] = []
    for node in nodes:
        value = _value(node.value if isinstance(node, ast.Starred) else node, names)
        if isinstance(node, ast.Starred):
            found.extend(value if isinstance(value, list) else ())
        else:
            found.append(value)
    return found


def _dictionary(node: ast.Dict, names: Mapping[str, _Value]) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        name = _value(key, names) if key is not None else None
        value = _value(item, names)
        if key is None and isinstance(value, dict):
            found.update(value)
        elif isinstance(name, str):
            found[name] = value
    return found


def _sum(left: _Value, right: _Value) -> _Value:
    if isinstance(left, str):
        return left + _text_or_unknown(right)
    if isinstance(left, list) or isinstance(right, list):
        return [*(left if isinstance(left, list) else ()), *(right if isinstance(right, list) else ())]
    return None


def _called(node: ast.Call, names: Mapping[str, _Value]) -> _Value:
    """Return what well-known calls give; of any other the dictionaries that it is given, as one that merges would."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="split" | "splitlines" | "strip" as method)):
            text = _value(owner, names)
            if not isinstance(text, str):
                return None
            return text.strip() if method == "strip" else [*_lines("\n".join(text.split()))]
        case ast.Call(func=ast.Name(id="list" | "tuple" | "set" | "sorted"), args=[argument]):
            value = _value(argument, names)
            return [*value] if isinstance(value, list) else None
    merged: dict[str, _Value] = {}
    for argument in node.args:
        value = _value(argument, names)
        merged.update(value if isinstance(value, dict) else {})
    if _last_name(node.func) == "dict":
        merged.update({one.arg: _value(one.value, names) for one in node.keywords if one.arg is not None})
    return merged or None


# JavaScript.

_JSON_PART: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|,(?=\s*[}\]])')


def _plain_json(text: str) -> str:
    """Return JSON without comments and commas before a bracket, with its lines as they were."""
    bare = _JSON_PART.sub(lambda part: part[0] if part[0][0] == '"' else "\n" * part[0].count("\n"), text)
    return _TRAILING_COMMA.sub(lambda part: part[0] if part[0][0] == '"' else "", bare)


def _package_json(_path: str, data: bytes) -> _Reading:
    read: object = json.loads(_strict(data))
    if not isinstance(read, dict):
        raise _BrokenError(1, "cannot be read: is no object")
    development = list(_table(read, "devDependencies"))
    needed = [
        name for part in ("dependencies", "peerDependencies", "optionalDependencies") for name in _table(read, part)
    ]
    programs = _at(read, "bin")
    if isinstance(programs, str):
        programs = dict.fromkeys(_texts(read, "name"), programs)
    return _Reading(
        _facts(
            name=_texts(read, "name"),
            dependencies=needed + development,
            dev_dependencies=[name for name in development if name not in needed],
            scripts=_table(read, "scripts"),
            commands=_pairs(_table(read, "scripts")),
            entry_points=_pairs(_table(programs)),
            workspaces=_texts(read, "workspaces") or _texts(read, "workspaces", "packages"),
            main=[text for key in ("main", "module") for text in _texts(read, key)],
            private=["true"] if _at(read, "private") is True else (),
        )
    )


def _lerna(_path: str, data: bytes) -> _Reading:
    return _Reading(_facts(workspaces=_texts(json.loads(_strict(data)), "packages")))


def _tsconfig(path: str, data: bytes) -> _Reading:
    read: object = json.loads(_plain_json(_strict(data)))
    options = _table(read, "compilerOptions")
    return _Reading(
        _facts(
            extends=_texts(read, "extends"),
            references=[_beside(path, text) for one in _list(read, "references") for text in _texts(one, "path")],
            base_url=[_beside(path, text) for text in _texts(options, "baseUrl")],
            paths=[f"{alias}={text}" for alias, listed in _table(options, "paths").items() for text in _texts(listed)],
        )
    )


def _angular(path: str, data: bytes) -> _Reading:
    projects = _table(json.loads(_plain_json(_strict(data))), "projects")
    roots = {name: text for name, project in projects.items() for text in _texts(project, "root")}
    return _Reading(_facts(projects=[f"{name}={_beside(path, root)}" for name, root in roots.items()]))


def _present(_path: str, _data: bytes) -> _Reading:
    """Take a program that only says by being there what is used."""
    return _Reading({})


# Containers.

_DATABASES: Final = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "postgis": "postgres",
    "pgvector": "postgres",
    "timescaledb": "postgres",
    "cockroach": "cockroach",
    "cockroachdb": "cockroach",
    "mysql": "mysql",
    "percona": "mysql",
    "mariadb": "mariadb",
    "mssql": "mssql",
    "azure-sql-edge": "mssql",
    "sqlite": "sqlite",
    "oracle": "oracle",
    "redis": "redis",
    "keydb": "redis",
    "valkey": "valkey",
    "dragonfly": "redis",
    "memcached": "memcached",
    "mongo": "mongo",
    "mongodb": "mongo",
    "cassandra": "cassandra",
    "scylla": "cassandra",
    "couchdb": "couchdb",
    "neo4j": "neo4j",
    "clickhouse": "clickhouse",
    "influxdb": "influxdb",
    "elasticsearch": "elasticsearch",
    "opensearch": "opensearch",
    "qdrant": "qdrant",
    "weaviate": "weaviate",
    "milvus": "milvus",
    "chroma": "chroma",
}
_DATABASE_FORM: Final = re.compile(r"-(?:server|cluster|repmgr|sharded|sentinel|stack|ha|db|alpine|\d[\w.]*)$")
_VARIABLE: Final = re.compile(r"\$(?:\$|(\w+)|\{(\w+)(?:(:?[-+?])((?:[^{}$]|\$\{[^{}]*\}|\$)*))?\})")


def _databases(images: Iterable[str]) -> list[str]:
    found = []
    for image in images:
        for part in image.lower().partition("@")[0].split("/"):
            name = part.partition(":")[0]
            found.append(_DATABASES.get(name) or _DATABASES.get(_DATABASE_FORM.sub("", name), ""))
    return found


def _substituted(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with the values of variables, or what is said for their absence; what is unknown stays."""

    def value(found: re.Match[str]) -> str:
        name, operator, other = found[1] or found[2], found[3] or "", found[4] or ""
        if not name:
            return "$"
        if operator.endswith("+"):
            return _substituted(other, variables) if variables.get(name) else ""
        if variables.get(name):
            return variables[name]
        return _substituted(other, variables) if operator.endswith("-") else found[0]

    return _VARIABLE.sub(value, text)[:_LONGEST_VALUE]


_INSTRUCTION: Final = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    "|WORKDIR"
)
_ESCAPE: Final = re.compile(r"#\s*escape\s*=\s*([\\`])\s*$", re.IGNORECASE)
_DIRECTIVE: Final = re.compile(r"#\s*\w+\s*=")
_HEREDOC: Final = re.compile(r"(?:^|\s)\d*<<(-?)([\"']?)([A-Za-z_]\w*)\2(?=\s|$)")
_WITH_HEREDOC: Final = ("RUN", "COPY", "ADD")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)=(\"(?:\\.|[^\"\\])*\"|'[^']*'|(?:\\.|[^\s\\])*)")
_FLAGS: Final = re.compile(r"(?:--\w[\w-]*(?:=\S+)?\s+)+")
_STAGED: Final = re.compile(r"(\S+)(?:\s+as\s+(\S+))?\s*", re.IGNORECASE)


def _dockerfile(_path: str, data: bytes) -> _Reading:
    build = _Build()
    for line, text in _instructions(_lenient(data), build.problems):
        keyword, _, rest = text.partition(" ")
        build.take(line, keyword.upper(), rest.strip())
    return _Reading(
        _facts(
            images=build.images,
            stages=build.stages,
            ports=build.ports,
            commands=[_started(stage) for stage in build.started],
            databases=_databases(build.images),
        ),
        tuple(build.problems),
    )


class _Build:
    """The stages of a Dockerfile, as far as it was read."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self.images: list[str] = []
        self.stages: list[str] = []
        self.ports: list[str] = []
        self.started: list[dict[str, list[str]]] = [{}]
        """Of each stage its last `ENTRYPOINT` and `CMD`."""
        self._variables: dict[str, str] = {}

    def take(self, line: int, keyword: str, rest: str) -> None:
        match keyword:
            case "FROM":
                self._begin(line, rest)
            case "ARG" | "ENV":
                self._set(keyword, rest)
            case "EXPOSE":
                ports = _substituted(rest, self._variables).split()
                self.ports.extend(port.lower().removesuffix("/tcp") for port in ports)
            case "CMD" | "ENTRYPOINT":
                self.started[-1][keyword] = _words_of(rest)
            case "ONBUILD":
                # Belongs to who builds upon this image.
                pass
            case _ if not _INSTRUCTION.fullmatch(keyword):
                self.problems.append((line, f"`{keyword[:40]}` is no instruction of a Dockerfile"))

    def _begin(self, line: int, rest: str) -> None:
        found = _STAGED.fullmatch(_FLAGS.sub("", _substituted(rest, self._variables), count=1))
        if found is None:
            self.problems.append((line, "FROM names no image"))
            return
        image, stage = found[1], (found[2] or "").lower()
        if image.lower() not in self.stages and image != "scratch":
            self.images.append(image)
        if stage:
            self.stages.append(stage)
        self.started.append({})

    def _set(self, keyword: str, rest: str) -> None:
        pairs = _ASSIGNMENT.findall(rest)
        if not pairs and keyword == "ENV":
            # The old form: one name, and all the rest is its value.
            name, _, value = rest.partition(" ")
            pairs = [(name, value.strip())]
        for name, value in pairs:
            bare = value[1:-1] if value[:1] in {'"', "'"} and len(value) > 1 else value
            self._variables[name] = _substituted(bare, self._variables)


def _instructions(text: str, problems: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield the instructions of a Dockerfile, each on one line, without comments and the texts that follow them."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        first, held, at = at + 1, *_instruction(lines, at, escape)
        if not held:
            continue
        yield first, held
        if held.partition(" ")[0].upper() in _WITH_HEREDOC:
            for dash, _, end in _HEREDOC.findall(held):
                closing = _closing(lines, at, end, strips=bool(dash))
                if closing < 0:
                    problems.append((first, f"the text until {end} does not end"))
                else:
                    at = closing + 1


def _escape(lines: Iterable[str]) -> str:
    """Return the character that continues a line: directives stand before everything else."""
    for line in lines:
        if (found := _ESCAPE.match(line.strip())) is not None:
            return found[1]
        if not _DIRECTIVE.match(line.strip()):
            break
    return "\\"


def _instruction(lines: Sequence[str], at: int, escape: str) -> tuple[str, int]:
    """Return the instruction that begins at a line, empty for none, and where the next one may begin."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        # Comments and empty lines do not end an instruction that continues.
        if line.startswith("#") or (parts and not line):
            if not parts:
                break
            continue
        if not line.endswith(escape):
            parts.append(line)
            break
        parts.append(line[:-1].strip())
    return " ".join(part for part in " ".join(parts).split("\t") if part).strip(), at


def _closing(lines: Sequence[str], at: int, end: str, *, strips: bool) -> int:
    for index in range(at, len(lines)):
        if (lines[index].lstrip("\t") if strips else lines[index]) == end:
            return index
    return -1


def _words_of(rest: str) -> list[str]:
    """Return the words of the JSON form, or the command line of the shell form as one."""
    if rest.startswith("["):
        try:
            words: object = json.loads(rest)
        except (ValueError, RecursionError):
            # As Docker does: what is no JSON is for the shell.
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return [shlex.quote(word) for word in words]
    return [rest]


def _started(stage: Mapping[str, list[str]]) -> str:
    return _line_of(" ".join([*stage.get("ENTRYPOINT", ()), *stage.get("CMD", ())]))


# YAML.

_DEEPEST_MERGE: Final = 8
_PLAIN_PORT: Final = ("published", "target")


def _documents(data: bytes) -> list[object]:
    """Return the documents of a text of YAML, all scalars as text, so that `on` is no truth and `22:22` no number."""
    yaml = import_module("yaml")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return list(yaml.load_all(_strict(data), Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "is no YAML"
        raise _BrokenError(line, f"cannot be read as YAML: {what}") from error


def _document(data: bytes) -> dict[str, object]:
    documents = _documents(data)
    return _table(documents[0]) if documents else {}


def _merged(value: object, depth: int = _DEEPEST_MERGE) -> dict[str, object]:
    """Return a table with what `<<` brings in."""
    table = _table(value)
    if "<<" not in table or not depth:
        return table
    brought = table["<<"]
    found: dict[str, object] = {}
    for one in reversed(brought) if isinstance(brought, list) else [brought]:
        found.update(_merged(one, depth - 1))
    found.update(table)
    del found["<<"]
    return found


def _compose(path: str, data: bytes) -> _Reading:
    read = _document(data)
    services = _merged(_services(read))
    if not services and "include" not in read:
        return _Reading(None)
    found: dict[str, list[str]] = {}
    plain = []
    for name, value in services.items():
        service = _merged(value)
        image = _substituted(_first(service, "image"), {})
        plain.append(image)
        told = {
            "images": [image],
            "commands": [_command(service)],
            "ports": [_substituted(_port(port), {}) for port in _list(service, "ports")],
            "depends_on": _texts(service, "depends_on") or list(_table(service, "depends_on")),
            **_built(path, service),
        }
        for fact, values in told.items():
            found.setdefault(fact, []).extend(f"{name}={value}" for value in values if value)
    return _Reading(_facts(services=services, databases=_databases(plain), includes=_texts(read, "include"), **found))


def _services(read: dict[str, object]) -> dict[str, object]:
    """Return the services; the first version of the format had nothing around them."""
    if "services" in read:
        return _table(read, "services")
    is_old = bool(read) and all("image" in _table(one) or "build" in _table(one) for one in read.values())
    return read if is_old else {}


def _built(path: str, service: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the directory that a service is built from, and its Dockerfile, relative to the root."""
    build = _at(service, "build")
    context = build if isinstance(build, str) else _first(build, "context") or ("." if isinstance(build, dict) else "")
    place = _substituted(context, {})
    # What is built from another repository is not in this one.
    if not place or "://" in place or place.startswith(("git@", "/", "$")):
        return {}
    directory = _beside(path, place)
    dockerfile = _substituted(_first(build, "dockerfile"), {}) if isinstance(build, dict) else ""
    return {
        "build_context": [directory],
        "dockerfiles": [posixpath.normpath(posixpath.join(directory, dockerfile or "Dockerfile"))],
    }


def _first(value: object, key: str) -> str:
    return next(iter(_texts(value, key)), "")


def _command(service: Mapping[str, object]) -> str:
    parts = [_substituted(text, {}) for key in ("entrypoint", "command") for text in _texts(service, key)]
    return _line_of(" ".join(parts))


def _port(port: object) -> str:
    if isinstance(port, str):
        return port.removesuffix("/tcp")
    return ":".join(text for key in _PLAIN_PORT if (text := _first(port, key)))


def _github_workflow(_path: str, data: bytes) -> _Reading:
    read = _document(data)
    jobs = _table(read, "jobs")
    images, actions = [], []
    for job in jobs.values():
        images += _texts(job, "container") + _texts(job, "container", "image")
        images += [text for service in _table(job, "services").values() for text in _texts(service, "image")]
        actions += _texts(job, "uses") + [text for step in _list(job, "steps") for text in _texts(step, "uses")]
    return _Reading(
        _facts(
            name=_texts(read, "name"),
            jobs=jobs,
            triggers=_texts(read, "on") or list(_table(read, "on")),
            images=images,
            actions=actions,
            databases=_databases(images),
        )
    )


_GITLAB_WORD: Final = re.compile(
    "stages|variables|default|include|workflow|image|services|before_script|after_script|cache|spec"
)


def _gitlab_ci(_path: str, data: bytes) -> _Reading:
    # A header of inputs may stand before the pipeline.
    documents = _documents(data)
    read = _table(documents[-1]) if documents else {}
    jobs = [
        name
        for name, job in read.items()
        if isinstance(job, dict) and not _GITLAB_WORD.fullmatch(name) and name[:1] != "."
    ]
    images = []
    for one in (read, _table(read, "default"), *(_merged(read[name]) for name in jobs)):
        images += _texts(one, "image") + _texts(one, "image", "name") + _texts(one, "services")
        images += [text for service in _list(one, "services") for text in _texts(service, "name")]
    included = [text for one in _list(read, "include") for text in _texts(one, "local")]
    return _Reading(
        _facts(
            jobs=jobs,
            stages=_texts(read, "stages"),
            images=images,
            includes=_texts(read, "include") + included,
            databases=_databases(images),
        )
    )


def _module_yaml(_path: str, data: bytes) -> _Reading:
    read = _document(data)
    inner = _table(read, "module")
    needed = [
        text
        for table in (read, inner)
        for key in ("dependencies", "depends_on", "requires")
        for text in (*_texts(table, key), *_table(table, key))
    ]
    named = _texts(read, "name") or _texts(inner, "name") or _texts(read, "module") or _texts(read, "id")
    return _Reading(_facts(name=named, dependencies=needed))


def _helm(_path: str, data: bytes) -> _Reading:
    read = _document(data)
    return _Reading(
        _facts(
            name=_texts(read, "name"),
            dependencies=[text for one in _list(read, "dependencies") for text in _texts(one, "name")],
        )
    )


def _k8s(path: str, data: bytes) -> _Reading:
    is_kustomization = path.rpartition("/")[2].lower().startswith("kustomization.")
    # Templates are no YAML yet, and other files of these directories are none of Kubernetes'.
    if b"{{" in data or (not is_kustomization and not (b"apiVersion" in data and b"kind" in data)):
        return _Reading(None)
    found: dict[str, list[str]] = {"services": [], "images": [], "ports": []}
    documents = [_table(one) for one in _documents(data)]
    for one in documents:
        if kind := _first(one, "kind"):
            found["services"].append(f"{kind}/{_first(_at(one, 'metadata'), 'name')}".rstrip("/"))
        for container in _containers(one):
            found["images"] += _texts(container, "image")
            found["ports"] += [text for port in _list(container, "ports") for text in _texts(port, "containerPort")]
        found["ports"] += [text for port in _list(one, "spec", "ports") for text in _texts(port, "port")]
    if not found["services"] and not is_kustomization:
        return _Reading(None)
    included = [_beside(path, text) for one in documents for text in _texts(one, "resources")]
    return _Reading(
        _facts(databases=_databases(found["images"]), includes=included if is_kustomization else (), **found)
    )


def _containers(document: Mapping[str, object]) -> Iterator[object]:
    # Named places only: aliases can make a text of a thousand bytes a tree of a billion nodes.
    template = ("template", "spec")
    for place in (("spec",), ("spec", *template), ("spec", "jobTemplate", "spec", *template)):
        yield from _list(document, *place, "containers")
        yield from _list(document, *place, "initContainers")


def _pnpm(_path: str, data: bytes) -> _Reading:
    return _Reading(_facts(workspaces=_texts(_document(data), "packages")))


def _buf(path: str, data: bytes) -> _Reading:
    read = _document(data)
    modules = [_beside(path, text) for one in _list(read, "modules") for text in _texts(one, "path")]
    plugins = [
        _line_of(" ".join(_texts(one, key)))
        for one in _list(read, "plugins")
        for key in ("remote", "local", "plugin", "name", "protoc_builtin")
    ]
    return _Reading(
        _facts(
            name=_texts(read, "name"),
            dependencies=_texts(read, "deps"),
            workspaces=modules + [_beside(path, text) for text in _texts(read, "directories")],
            plugins=plugins,
            outputs=[_beside(path, text) for one in _list(read, "plugins") for text in _texts(one, "out")],
        )
    )


# Lines.

_MAKE_WORD: Final = re.compile(
    "ifeq|ifneq|ifdef|ifndef|else|endif|export|unexport|override|vpath|undefine|private|load"
)
_RULE: Final = re.compile(r"([^:=#]+?)\s*&?::?(?![:=])")
_REFERENCE: Final = re.compile(r"\$(?:\([^()]*\)|\{[^{}]*\}|.)")
_GO_REQUIRE: Final = re.compile(r"(?:require\s+)?([^\s()]+)\s+v\S+")
_GO_USE: Final = re.compile(r"(?:use\s+)?([^\s()]+)$")
_PROCESS: Final = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")


def _makefile(path: str, data: bytes) -> _Reading:
    targets, includes = [], []
    is_definition = False
    for _, line in _joined_lines(_lenient(data)):
        words = line.split()
        first = words[0] if words else ""
        if first in {"define", "endef"}:
            is_definition = first == "define"
        elif is_definition or not first or line[0] in "\t #":
            continue
        elif first in {"include", "-include", "sinclude"}:
            includes += [_beside(path, word) for word in words[1:] if "$" not in word]
        elif not _MAKE_WORD.fullmatch(first) and (rule := _RULE.match(line)) is not None:
            targets += [name for name in _REFERENCE.sub("$", rule[1]).split() if _is_target(name)]
    return _Reading(_facts(targets=targets, includes=includes))


def _is_target(name: str) -> bool:
    """Tell a target that one can ask for from a rule of many, and from `.PHONY`."""
    is_special = name[0] == "." and name[1:].replace("_", "").isupper()
    return not is_special and not any(sign in name for sign in "$%()")


def _go_lines(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the block that each line belongs to, and the line."""
    block = ""
    for raw in _lenient(data).splitlines():
        line = raw.strip()
        if line.startswith("//") or not line:
            continue
        if line.endswith("("):
            block = line[:-1].strip()
        elif line == ")":
            block = ""
        else:
            yield block or line.split()[0], line


def _go_mod(_path: str, data: bytes) -> _Reading:
    names, needed = [], []
    for block, line in _go_lines(data):
        found = _GO_REQUIRE.match(line) if block == "require" else None
        if found is not None and "// indirect" not in line:
            needed.append(found[1])
        elif block == "module":
            names.append(line.removeprefix("module").split("//")[0].strip().strip('"'))
    return _Reading(_facts(name=names, dependencies=needed))


def _go_work(path: str, data: bytes) -> _Reading:
    used = [_GO_USE.match(line.split("//")[0].strip()) for block, line in _go_lines(data) if block == "use"]
    return _Reading(_facts(workspaces=[_beside(path, found[1]) for found in used if found is not None]))


def _procfile(_path: str, data: bytes) -> _Reading:
    commands, problems = [], []
    for number, line in enumerate(_lenient(data).splitlines(), start=1):
        text = line.strip()
        found = _PROCESS.fullmatch(text)
        if found is not None:
            commands.append((found[1], _line_of(found[2])))
        elif text and not text.startswith("#"):
            problems.append((number, "is no `name: command`"))
    return _Reading(
        _facts(scripts=[name for name, _ in commands], commands=[f"{name}={command}" for name, command in commands]),
        tuple(problems),
    )


# Other languages.

_GRADLE_PART: Final = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/""", re.DOTALL)
_GRADLE_NEED: Final = re.compile(
    r"""^[ \t]*(\w*(?:[iI]mplementation|api|[cC]ompile|[cC]ompileOnly|[rR]untimeOnly|annotationProcessor|kapt))[ \t(]+
        (?:(?:enforcedP|p)latform\()?['"]([\w.-]+):([\w.-]+)(?::[^'"]*)?['"]""",
    re.VERBOSE | re.MULTILINE,
)
_GRADLE_PLUGIN: Final = re.compile(r"(?:^|[{;])[ \t]*id[ \t(]+['\"]([\w.-]+)['\"]", re.MULTILINE)
_GRADLE_INCLUDE: Final = re.compile(r"^[ \t]*include\b[ \t(]+((?:['\"][^'\"\n]+['\"][\s,]*)+)", re.MULTILINE)
_GRADLE_NAME: Final = re.compile(r"rootProject\.name\s*=\s*['\"]([^'\"\n]+)['\"]")
_QUOTED: Final = re.compile(r"['\"]([^'\"\n]+)['\"]")


def _gradle(path: str, data: bytes) -> _Reading:
    text = _GRADLE_PART.sub(lambda part: " " if part[0][0] == "/" else part[0], _lenient(data))
    needed = [(f"{group}:{name}", verb) for verb, group, name in _GRADLE_NEED.findall(text)]
    included = [name for listed in _GRADLE_INCLUDE.findall(text) for name in _QUOTED.findall(listed)]
    return _Reading(
        _facts(
            name=_GRADLE_NAME.findall(text),
            dependencies=[name for name, _ in needed],
            dev_dependencies=[name for name, verb in needed if "test" in verb.lower()],
            plugins=_GRADLE_PLUGIN.findall(text),
            workspaces=[_beside(path, name.strip(":").replace(":", "/")) for name in included],
        )
    )


def _cargo(path: str, data: bytes) -> _Reading:
    read: dict[str, object] = tomllib.loads(_strict(data))
    targets = [read, *(_table(one) for one in _table(read, "target").values())]
    needed = [name for one in (*targets, _table(read, "workspace")) for name in _table(one, "dependencies")]
    others = [
        name for one in targets for key in ("dev-dependencies", "build-dependencies") for name in _table(one, key)
    ]
    programs = [one for one in _list(read, "bin") if _first(one, "name")]
    return _Reading(
        _facts(
            name=_texts(read, "package", "name"),
            dependencies=needed + others,
            dev_dependencies=[name for name in others if name not in needed],
            entry_points=[f"{_first(one, 'name')}={_first(one, 'path')}" for one in programs],
            workspaces=[_beside(path, member) for member in _texts(read, "workspace", "members")],
        )
    )


def _pom(path: str, data: bytes) -> _Reading:
    elements = _xml(data)
    needed = elements.get("project/dependencies/dependency", [])
    names = [(f"{one.get('groupId', '')}:{one.get('artifactId', '')}", one.get("scope", "")) for one in needed]
    project = elements.get("project", [{}])[0]
    modules = [one[""] for one in elements.get("project/modules/module", [])]
    return _Reading(
        _facts(
            name=[project.get("artifactId", "")],
            dependencies=[name for name, _ in names],
            dev_dependencies=[name for name, scope in names if scope == "test"],
            workspaces=[_beside(path, module) for module in modules],
        )
    )


def _xml(data: bytes) -> dict[str, list[dict[str, str]]]:
    """Return for each place of elements, `a/b/c`, their children by name with their text, and their own text as ``."""
    found: dict[str, list[dict[str, str]]] = {}
    stack: list[tuple[str, dict[str, str]]] = []

    def begin(tag: str, _attributes: Mapping[str, str]) -> None:
        place = f"{stack[-1][0]}/{tag}" if stack else tag
        element = {"": ""}
        found.setdefault(place, []).append(element)
        stack.append((place, element))

    def end(tag: str) -> None:
        _, element = stack.pop()
        element[""] = element[""].strip()
        if stack:
            stack[-1][1][tag] = element[""]

    def text(characters: str) -> None:
        stack[-1][1][""] += characters

    def entity(*_: object) -> None:
        # Nested ones make a gigabyte of a few lines.
        raise _BrokenError(parser.CurrentLineNumber, "cannot be read as XML: declares entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    parser.Parse(data, True)  # noqa: FBT003, takes it by position only
    return found


_READERS: Final[Mapping[str, Callable[[str, bytes], _Reading]]] = {
    "pyproject": _pyproject,
    "setup.py": _setup_py,
    "setup.cfg": _setup_cfg,
    "requirements": _requirements,
    "pipfile": _pipfile,
    "package.json": _package_json,
    "pnpm-workspace": _pnpm,
    "lerna": _lerna,
    "tsconfig": _tsconfig,
    "angular.json": _angular,
    "dockerfile": _dockerfile,
    "compose": _compose,
    "makefile": _makefile,
    "go.mod": _go_mod,
    "go.work": _go_work,
    "cargo": _cargo,
    "pom": _pom,
    "gradle": _gradle,
    "dodo": _dodo,
    "buf": _buf,
    "procfile": _procfile,
    "github-workflow": _github_workflow,
    "gitlab-ci": _gitlab_ci,
    "module.yaml": _module_yaml,
    "helm": _helm,
    "k8s": _k8s,
    "vite": _present,
    "next": _present,
    "nuxt": _present,
    "svelte": _present,
    "astro": _present,
    "tailwind": _present,
    "manage.py": _manage,
    "alembic.ini": _alembic,
    "tox.ini": _tox,
}
