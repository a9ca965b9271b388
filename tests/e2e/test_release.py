"""Releases: their number follows from commits, anybody can build the same files, and the wheel works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import protogate
from protogate.errors import UserError
from releases.__main__ import main
from releases.changelog import notes_of, with_release
from releases.history import seconds_of_head
from releases.number import Commit, next_version
from tests.e2e.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

_GIT = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a"), ("EMAIL", "a@example.com"), ("DATE", "2026-01-02T03:04:05Z"))
}


@pytest.mark.parametrize(
    ("subjects", "from_one", "from_zero"),
    [
        (["feat(protogate)!: drop a command"], "2.0.0", "0.5.0"),
        (["feat(protogate): a command", "fix(protogate): a typo"], "1.5.0", "0.5.0"),
        (["fix(protogate): a typo", "docs(protogate): a page"], "1.4.3", "0.4.3"),
        (["perf(protogate): half the time"], "1.4.3", "0.4.3"),
        (["refactor(protogate)!: other ids"], "2.0.0", "0.5.0"),
        (["docs(protogate): a page", "test(protogate): more"], "", ""),
        (["feat(other): not ours", "feat: no scope", "anything"], "", ""),
        ([], "", ""),
    ],
)
def test_the_number_follows_from_the_commits(subjects: list[str], from_one: str, from_zero: str) -> None:
    commits = [Commit(str(number), subject) for number, subject in enumerate(subjects)]
    assert next_version("1.4.2", commits).version == from_one
    assert next_version("0.4.2", commits).version == from_zero


def test_a_footer_breaks_too_and_the_reasons_are_told() -> None:
    breaking = Commit("b", "fix(protogate): a rule", "It was wrong.\n\nBREAKING CHANGE: the id is another\n")
    found = next_version("1.0.0", [Commit("a", "feat(protogate): x"), breaking])
    assert (found.version, found.part, found.because) == ("2.0.0", "major", (breaking,))
    with pytest.raises(UserError, match=r"'1\.0' is no version"):
        next_version("1.0", [])


def test_what_is_unreleased_becomes_a_version() -> None:
    before = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a thing\n\n## [0.1.0] - 2025-01-01\n\n- first\n"
    after = with_release(before, "0.2.0", "2026-01-02")
    assert "## [Unreleased]\n\n## [0.2.0] - 2026-01-02\n\n### Added\n\n- a thing\n" in after
    assert notes_of(after, "0.2.0") == notes_of(before) == "### Added\n\n- a thing\n"
    with pytest.raises(UserError, match=r"says nothing under \[Unreleased\]"):
        with_release(after, "0.3.0", "2026-01-02")
    with pytest.raises(UserError, match=r"has a section \[0.1.0\] already"):
        with_release(before, "0.1.0", "2026-01-02")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A small repository with one release; the fixture runs git in it."""
    for name, value in _GIT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout  # noqa: S607 - of the path

    (tmp_path / "protogate").mkdir()
    (tmp_path / "VERSION").write_text("0.4.2\n")
    (tmp_path / "protogate/__init__.py").write_text('"""A package."""\n\n__version__ = "0.4.2"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- a command\n\n## [0.4.2] - 2025-01-01\n")
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "build(protogate): release 0.4.2")
    return git


def test_a_release_from_its_first_commit_to_its_tag(
    repository: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["version"]) == 0
    assert "0.4.2 is the newest" in capsys.readouterr().out
    repository("commit", "--quiet", "--allow-empty", "--message", "feat(protogate): add a command")
    assert main(["version"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "0.5.0    minor after 0.4.2, for 1 commit:"
    assert main(["prepare"]) == 0
    assert Path("VERSION").read_text() == "0.5.0\n"
    assert '__version__ = "0.5.0"' in Path("protogate/__init__.py").read_text()
    assert "## [0.5.0] - 2026-01-02\n\n- a command\n" in Path("CHANGELOG.md").read_text()
    for command in ("tag", "prepare"):
        with pytest.raises(UserError, match="files are changed"):
            main([command])
    repository("commit", "--quiet", "--all", "--message", "build(protogate): release 0.5.0")
    assert main(["tag"]) == 0
    assert repository("tag").split() == ["v0.5.0"]
    with pytest.raises(UserError, match=r"no commit since 0\.5\.0 asks for a release"):
        main(["prepare"])


def test_all_of_a_release_makes_no_tag_unless_told_to(
    repository: Callable[..., str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(root: Path, out: Path) -> tuple[Path, ...]:
        built.append((root / "VERSION").read_text().strip())
        return (out / "made",)

    monkeypatch.setattr("releases.__main__.build", build)
    repository("tag", "v0.4.2")
    with pytest.raises(UserError, match=r"no commit since 0\.4\.2 asks for a release"):
        main(["all"])
    repository("commit", "--quiet", "--allow-empty", "--message", "fix(protogate): a typo")
    Path("new").touch()
    with pytest.raises(UserError, match="files are changed or not added"):
        main(["all", "--tag"])
    Path("new").unlink()
    assert (built, repository("tag").split()) == ([], ["v0.4.2"])
    assert main(["all"]) == 0
    assert capsys.readouterr().out.endswith(
        "0.4.3 is committed, built and checked, and has no tag; next: doit release --tag\n"
    )
    assert repository("log", "-1", "--format=%s") == "build(protogate): release 0.4.3\n"
    assert repository("tag").split() == ["v0.4.2"]
    assert main(["notes"]) == 0
    assert capsys.readouterr().out == "- a command\n"
    # Looked at, and found good: the same release, no further commit.
    before = repository("rev-parse", "HEAD")
    assert main(["all", "--tag"]) == 0
    assert (built, repository("rev-parse", "v0.4.3^{commit}")) == (["0.4.3", "0.4.3"], before)


def test_a_release_without_notes_writes_nothing(repository: Callable[..., str]) -> None:
    Path("CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.4.2] - 2025-01-01\n")
    repository("commit", "--quiet", "--all", "--message", "feat(protogate): forget to say so")
    with pytest.raises(UserError, match=r"^CHANGELOG\.md: says nothing under \[Unreleased\]; write what users"):
        main(["all", "--tag"])
    assert (Path("VERSION").read_text(), repository("tag"), repository("status", "--porcelain")) == ("0.4.2\n", "", "")


def test_a_shallow_clone_and_no_clone_are_one_clear_line(repository: Callable[..., str], tmp_path: Path) -> None:
    repository("commit", "--quiet", "--allow-empty", "--message", "feat(protogate): add a command")
    repository("clone", "--quiet", "--depth=1", tmp_path.as_uri(), "shallow")
    with pytest.raises(UserError, match=r"^git: no tag v0\.4\.2, and a part of the history is missing here; git fetch"):
        main(["--root", "shallow", "version"])
    with pytest.raises(UserError, match=r"VERSION: No such file or directory; is --root a checkout"):
        main(["--root", "nowhere", "version"])


def test_the_tasks_of_doit_are_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "doit", "help", "release"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "--tag" in done.stdout
    listed = subprocess.run(
        [sys.executable, "-m", "doit", "list"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert {f"release{part}" for part in ("", "_build", "_notes", "_prepare", "_tag", "_version")} <= names


def _sources(place: Path) -> Path:
    """A repository of what is committed here or about to be, all of it committed there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - of the path
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "x"]):
        subprocess.run(["git", *words], cwd=place, check=True, env={**os.environ, **_GIT})  # noqa: S607 - of the path
    return place


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with all of the project in one commit."""
    return _sources(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def dist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, built and checked by the command."""
    (clone / "gateway/forgotten.py").write_text("")  # not committed, so not built
    out = tmp_path_factory.mktemp("dist")
    (out / "mine.txt").touch()
    (out / "protogate-0.0.1.tar.gz").touch()
    assert main(["--root", str(clone), "build", "--out", str(out)]) == 0
    return out


def test_two_builds_in_two_places_at_two_times_are_the_same(clone: Path, dist: Path, tmp_path: Path) -> None:
    place = tmp_path / "somewhere/else"
    # A strict umask gives files other modes.
    subprocess.run(["/bin/bash", "-euc", f"umask 077; git clone --quiet '{clone}' '{place}'"], check=True)
    for path in place.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path / "out")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(seconds_of_head(place)), "TZ": "Asia/Tokyo"}
    subprocess.run(command, cwd=place, check=True, capture_output=True, env=environment)
    built = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert sorted(path.rpartition(".")[2] for path in built) == ["gz", "whl"]
    for name, data in built.items():
        assert (dist / name).read_bytes() == data, name


def test_the_sums_are_those_of_the_files(dist: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, check=True)  # noqa: S607 - of the path
    assert len((dist / "SHA256SUMS").read_text().splitlines()) == 3


def test_the_wheel_has_what_runs_and_the_sdist_what_builds(dist: Path) -> None:
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for wanted in ("discovery/schemas/", "discovery/assets/", "scaffold/templates/", "_apps_root/gateway/web/"):
        assert any(name.startswith(f"protogate/{wanted}") for name in names), wanted
    for unwanted in ("tests", "__pycache__", "node_modules", "benchmarks", "releases", "drawings", ".protogate"):
        assert not [name for name in names if unwanted in name.split("/")[:-1]], unwanted
    assert {"protogate/py.typed", "protogate/options/v1/options.proto"} <= set(names)
    assert not [name for name in names if name.endswith("forgotten.py")]
    assert not [name for name in names if name.endswith((".pyc", ".db", ".pid", ".log"))]
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "tests/conftest.py", "docs/releases.md", "LICENSE"} <= inside


def test_what_else_lay_in_the_directory_still_does(dist: Path) -> None:
    version = protogate.__version__
    assert sorted(path.name for path in dist.iterdir()) == [
        "SHA256SUMS",
        "mine.txt",
        f"protogate-{version}-py3-none-any.whl",
        f"protogate-{version}.cdx.json",
        f"protogate-{version}.tar.gz",
    ]


@pytest.fixture(scope="module")
def installed_by(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Makes an environment of a Python that holds the wheel and what pip brings with it, once each."""
    (wheel,) = dist.glob("*.whl")

    @cache
    def install(python: str, extra: str) -> Path:
        place = tmp_path_factory.mktemp("environment") / "venv"
        subprocess.run([python, "-m", "venv", "--without-pip", str(place)], check=True, env=_user(place))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(place / "bin/python")]
        subprocess.run([*pip, "install", "--quiet", f"{wheel}{extra}"], check=True)
        return place

    return install


def _user(place: Path) -> dict[str, str]:
    """What a person has set who works in an environment and has no checkout."""
    ours = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "PATH": f"{place}/bin{os.pathsep}/usr/local/bin:/usr/bin:/bin"}


def test_the_bill_of_materials_is_what_is_installed(dist: Path, installed_by: Callable[[str, str], Path]) -> None:
    (bill,) = dist.glob("*.cdx.json")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read_text()) is None
    said = json.loads(bill.read_text())
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.6")
    assert said["metadata"]["timestamp"] == "2026-01-02T03:04:05+00:00"  # of the commit
    told = [said["metadata"]["component"], *said["components"]]
    place = installed_by(sys.executable, "")
    tell = "import importlib.metadata as m, json; print(json.dumps([(d.name, d.version) for d in m.distributions()]))"
    real = json.loads(subprocess.check_output([place / "bin/python", "-I", "-c", tell], text=True))
    assert sorted((one["name"], one["version"]) for one in told) == sorted(map(tuple, real))
    assert len(told) <= 25
    assert "sqlalchemy" not in {one["name"].lower() for one in told}
    # Nothing of the machine that made it.
    assert str(Path.home()) not in bill.read_text()
    assert "/tmp/" not in bill.read_text()  # noqa: S108 - looked for, not used


def _supported() -> tuple[str, str]:
    """The oldest Python that pyproject.toml allows and the newest that it names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = re.findall(r"Python :: 3\.(\d+)", "\n".join(project["classifiers"]))
    return project["requires-python"].removeprefix(">="), f"3.{max(map(int, named))}"


def _python(version: str, place: Path) -> str:
    """Find a Python, or install it; skip where it can be neither found nor had."""
    if version == f"3.{sys.version_info.minor}":
        return sys.executable
    name = f"python{version}"
    for path in (shutil.which(name), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"))):
        # One that is on PATH may be a stand-in for a Python that is not there.
        if path and not subprocess.run([path, "-c", "import venv"], check=False, capture_output=True).returncode:
            return path
    uv = [str(Path(sys.executable).with_name("uv")), "python", "install", "--no-bin", "--install-dir", str(place)]
    done = subprocess.run([*uv, version], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"Python {version} is not here, and could not be installed: {done.stderr.strip().splitlines()[-1]}")
    return str(next(place.glob(f"cpython-*/bin/{name}")))


@pytest.mark.parametrize("version", _supported())
def test_the_wheel_works_on_the_oldest_and_the_newest_python(
    installed_by: Callable[[str, str], Path], tmp_path: Path, version: str
) -> None:
    place = installed_by(_python(version, tmp_path / "pythons"), "[protos]")
    project = tmp_path / "project"
    project.mkdir()

    def run(command: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-euc", command],
            cwd=project,
            env=_user(place),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    assert run("python -c 'import sys; print(*sys.version_info[:2], sep=str(chr(46)))'") == f"{version}\n"
    assert run("python -c 'import protogate; print(protogate.__file__)'").startswith(str(place))
    assert run("protogate --help").startswith("usage: protogate COMMAND")
    run("protogate init")
    assert "1 of 1 contract generated" in run("doit")
    assert run("doit") == "-- generate\n"
    run("rm -r generated && protogate generate && test -d generated")
    run("protogate registry register && protogate registry check && protogate ci")
