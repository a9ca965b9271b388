"""Releases: their number follows from commits, anybody can build the same files, and the wheel works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.errors import UserError
from releases.__main__ import main
from releases.changelog import notes_of, with_release
from releases.number import Commit, next_version
from tests.e2e.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    assert capsys.readouterr().out.splitlines()[0] == "0.5.0    minor after 0.4.2, for 1 commits:"
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
    with pytest.raises(UserError, match="no commit since the last release asks for one"):
        main(["prepare"])


def _sources(place: Path) -> Path:
    """A clone with what is committed or about to be, committed there."""
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
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, built and checked by the command."""
    place = _sources(tmp_path_factory.mktemp("clone"))
    out = tmp_path_factory.mktemp("dist")
    assert main(["--root", str(place), "build", "--out", str(out)]) == 0
    return out


def test_two_builds_in_two_places_at_two_times_are_the_same(dist: Path, tmp_path: Path) -> None:
    place = _sources(tmp_path / "somewhere" / "else")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path / "out")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767323045", "TZ": "Asia/Tokyo"}
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
    for unwanted in ("tests", "__pycache__", "node_modules", "benchmarks", "releases", ".protogate"):
        assert not [name for name in names if unwanted in name.split("/")[:-1]], unwanted
    assert not [name for name in names if name.endswith((".pyc", ".db", ".pid", ".log"))]
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "tests/conftest.py", "docs/releases.md", "LICENSE"} <= inside


def test_the_bill_of_materials_is_what_is_installed(dist: Path) -> None:
    (bill,) = dist.glob("*.cdx.json")
    said = json.loads(bill.read_text())
    assert (said["bomFormat"], said["metadata"]["component"]["name"]) == ("CycloneDX", "protogate")
    listed = {one["name"].lower().replace("_", "-") for one in said["components"]} | {"protogate"}
    assert {"doit", "fastapi", "grpcio-tools", "jinja2", "protobuf", "pydantic", "uvicorn", "pyyaml"} <= listed
    assert "sqlalchemy" not in listed
    assert len(listed) <= 25
    assert all(one.get("version") for one in said["components"])
    # Nothing of the machine that made it.
    assert str(Path.home()) not in bill.read_text()
    assert "/tmp/" not in bill.read_text()  # noqa: S108 - looked for, not used


def _pythons() -> Sequence[str]:
    """The oldest and the newest Python that are supported, as far as this machine has them."""
    found = {}
    for minor in range(11, 20):
        name = f"python3.{minor}"
        candidates = [shutil.which(name), *map(str, Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))]
        for path in filter(None, candidates):
            works = subprocess.run([path, "-c", "import venv, ensurepip"], check=False, capture_output=True)
            if works.returncode == 0:
                found[minor] = path
    ordered = [found[minor] for minor in sorted(found)]
    return [ordered[0], ordered[-1]] if len(ordered) > 1 else ordered


@pytest.mark.parametrize("python", _pythons(), ids=lambda path: Path(path).name)
def test_the_wheel_works_on_the_oldest_and_the_newest_python(dist: Path, tmp_path: Path, python: str) -> None:
    (wheel,) = dist.glob("*.whl")
    ours = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment["PATH"] = f"{tmp_path}/venv/bin{os.pathsep}/usr/local/bin:/usr/bin:/bin"
    project = tmp_path / "project"
    project.mkdir()

    def run(command: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-euc", command], cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True, env=environment)
    run(f"python -m pip install --quiet --disable-pip-version-check '{wheel}[protos]'")
    assert run("protogate --help").startswith("usage: protogate COMMAND")
    run("protogate init")
    assert "1 of 1 contract generated" in run("doit")
    assert run("doit") == "-- generate\n"
    run("protogate registry register && protogate registry check && protogate ci")
