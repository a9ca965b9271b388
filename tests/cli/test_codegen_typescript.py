from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from protogate.cli.codegen_typescript import run
from protogate.console import guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Codegen = Callable[..., tuple[int, str, str]]

MODELS = """
from dataclasses import dataclass

@dataclass
class User:
    name: str
    tags: list[str]
"""
SCRIPT = """
from protogate.codegen.typescript import TypeScriptEmitter
from shop.models import User

print("a word of the script")

def build_output() -> str:
    return TypeScriptEmitter(source_description="shop").add_interface(User).render()

if __name__ == "__main__":
    raise SystemExit("not called as a program")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "models.py").write_text(MODELS)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "gen.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def codegen(project: Path, capfd: pytest.CaptureFixture[str]) -> Codegen:
    """Runs the command in the project: exit code, standard output, standard error."""
    assert project.is_dir()

    def called(*arguments: str, script: str = "scripts/gen.py", output: str = "types.ts") -> tuple[int, str, str]:
        words = ["--script", script, "--output", output, *arguments]
        code = guard(lambda given: run("codegen ts", given), words)
        out, err = capfd.readouterr()
        return code, out, err

    return called


def script_of(project: Path, text: str) -> str:
    (project / "other.py").write_text(text)
    return "other.py"


def files_of(project: Path) -> set[str]:
    return {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}


def test_first_run_writes_and_second_run_touches_nothing(codegen: Codegen, project: Path) -> None:
    assert codegen()[:2] == (0, "  generated → types.ts (+9 -0)\n")
    written = (project / "types.ts").read_text()
    assert written.endswith("export interface User {\n  name: string;\n  tags: string[];\n}\n")
    os.utime(project / "types.ts", (1, 1))
    assert codegen()[:2] == (0, "types.ts: up to date\n")
    assert (project / "types.ts").stat().st_mtime == 1


def test_check_right_after_generating_is_clean(codegen: Codegen) -> None:
    codegen()
    assert codegen("--check")[:2] == (0, "types.ts: up to date\n")


def test_check_finds_a_missing_output_and_writes_nothing(codegen: Codegen, project: Path) -> None:
    before = files_of(project)
    code, out, err = codegen("--check", output="deep/types.ts")
    assert (code, out) == (1, "")
    assert "deep/types.ts: is missing\nrun the same command without --check\n" in err
    assert files_of(project) == before


def test_check_finds_drift_and_leaves_the_file_alone(codegen: Codegen, project: Path) -> None:
    codegen()
    changed = (project / "types.ts").read_text().replace("tags", "labels")
    (project / "types.ts").write_text(changed)
    code, out, err = codegen("--check")
    assert (code, out) == (1, "")
    assert "types.ts: is not up to date: +1 -1 lines\n" in err
    assert (project / "types.ts").read_text() == changed


def test_line_ends_are_part_of_the_text(codegen: Codegen, project: Path) -> None:
    codegen()
    content = (project / "types.ts").read_bytes()
    (project / "types.ts").write_bytes(content.replace(b"\n", b"\r\n"))
    assert codegen("--check")[0] == 1
    codegen()
    assert (project / "types.ts").read_bytes() == content


def test_diff_shows_what_would_change(codegen: Codegen, project: Path) -> None:
    codegen()
    (project / "types.ts").write_text((project / "types.ts").read_text().replace("tags", "labels"))
    _, out, _ = codegen("--check", "--show-diff")
    assert out.startswith("--- types.ts\n+++ types.ts\n@@ ")
    assert "\n-  labels: string[];\n+  tags: string[];\n" in out


def test_missing_line_end_is_a_difference_that_shows(codegen: Codegen, project: Path) -> None:
    codegen()
    (project / "types.ts").write_text((project / "types.ts").read_text().removesuffix("\n"))
    code, out, err = codegen("--check", "--show-diff")
    assert code == 1
    assert out.endswith("-}\n\\ No newline at end of file\n+}\n")
    assert "types.ts: is not up to date: +1 -1 lines\n" in err


def test_diff_of_thousands_of_lines_is_cut(codegen: Codegen, project: Path) -> None:
    script = script_of(project, "def build_output():\n    return ''.join(f'// {i}\\n' for i in range(5000))\n")
    _, out, _ = codegen("--check", "--show-diff", script=script)
    assert out.startswith("--- /dev/null\n+++ types.ts\n")
    assert out.endswith("+// 396\n... and 4603 more lines\n")


def test_files_of_many_lines_are_compared_in_no_time(codegen: Codegen, project: Path) -> None:
    script = script_of(
        project,
        "def build_output(profile):\n"
        "    kind = {'strict': 'number', 'compat': 'string'}[profile]\n"
        "    return ''.join(f'interface C{i} {{\\n' + f'  x: {kind};\\n' * 10 + '}\\n' for i in range(5000))\n",
    )
    codegen(script=script)
    started = time.monotonic()
    _, out, err = codegen("--check", "--show-diff", "--profile", "strict", script=script)
    assert time.monotonic() - started < 20  # difflib alone takes minutes
    assert "types.ts: is not up to date: +50000 -50000 lines\n" in err
    assert out.startswith("--- types.ts\n+++ types.ts\n@@ -1,")
    assert out.endswith("\n... and more\n")


def test_several_outputs_get_the_same_text_each_once(codegen: Codegen, project: Path) -> None:
    code, out, _ = codegen("--output", "web/types.ts", "--output", "./types.ts")
    assert (code, out.count("generated")) == (0, 2)
    assert (project / "web/types.ts").read_bytes() == (project / "types.ts").read_bytes()


def test_no_output_is_replaced_when_one_cannot_be(codegen: Codegen, project: Path) -> None:
    (project / "file").write_text("")
    (project / "types.ts").write_text("old")
    code, _, err = codegen("--output", "file/types.ts")
    assert (code, (project / "types.ts").read_text()) == (2, "old")
    assert "file/types.ts: cannot be read: Not a directory" in err
    assert not [name for name in files_of(project) if name.endswith(".tmp")]


def test_symbolic_link_stays_one(codegen: Codegen, project: Path) -> None:
    (project / "real.ts").write_text("old")
    (project / "types.ts").symlink_to("real.ts")
    assert codegen()[0] == 0
    assert (project / "types.ts").is_symlink()
    assert "interface User" in (project / "real.ts").read_text()


@pytest.mark.parametrize("name", ["report", "report.json", "report.md"])
def test_reports_are_for_programs_and_people(codegen: Codegen, project: Path, name: str) -> None:
    (project / "a|b.ts").write_text("old\n")
    codegen("--output", "a|b.ts", "--check", "--write-report", f"out/{name}", "--profile", "strict")
    assert json.loads((project / "out/report.json").read_text()) == {
        "script": "scripts/gen.py",
        "profile": "strict",
        "check_mode": True,
        "totals": {"targets": 2, "changed": 1, "added": 1, "unchanged": 0},
        "rows": [
            {"path": "types.ts", "status": "added", "line_additions": 9, "line_removals": 0},
            {"path": "a|b.ts", "status": "changed", "line_additions": 9, "line_removals": 1},
        ],
    }
    assert (project / "out/report.md").read_text() == (
        "# TypeScript codegen report\n\n- Script: `scripts/gen.py`\n- Profile: `strict`\n- Check mode: yes\n"
        "- Targets: 2 (1 changed, 1 added, 0 unchanged)\n\n"
        "| Path | Status | Lines added | Lines removed |\n|---|---|---:|---:|\n"
        "| types.ts | added | 9 | 0 |\n| a\\|b.ts | changed | 9 | 1 |\n"
    )


def test_quiet_says_only_what_is_wrong(codegen: Codegen) -> None:
    assert codegen("--quiet")[:2] == (0, "")
    assert codegen("--quiet", "--check")[:2] == (0, "")


def test_what_a_script_prints_is_no_output(codegen: Codegen) -> None:
    _, out, err = codegen("--quiet")
    assert out == ""
    assert err == "a word of the script\n"


PROFILE_SCRIPTS = {
    "keyword": "def build_output(*, profile): return profile + '\\n'",
    "default": "def build_output(profile='none'): return profile + '\\n'",
    "position": "def build_output(which, /): return which + '\\n'",
    "anything": "def build_output(**given): return given['profile'] + '\\n'",
    "environment": "import os\ndef build_output(): return os.environ['PROTOGATE_TS_PROFILE'] + '\\n'",
    "other default": "import os\ndef build_output(a=1): return os.environ['PROTOGATE_TS_PROFILE'] + '\\n' * a",
    "object": "class Build:\n    def __call__(self, profile): return profile + '\\n'\nbuild_output = Build()",
}


@pytest.mark.parametrize("script", PROFILE_SCRIPTS.values(), ids=PROFILE_SCRIPTS)
def test_profile_reaches_the_script(codegen: Codegen, project: Path, script: str) -> None:
    for profile in ("strict", "compat"):
        assert codegen("--profile", profile, script=script_of(project, script))[0] == 0
        assert (project / "types.ts").read_text() == f"{profile}\n"


def test_profile_is_compat_by_default_whatever_the_environment_says(
    codegen: Codegen, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTOGATE_TS_PROFILE", "strict")
    codegen(script=script_of(project, PROFILE_SCRIPTS["keyword"]))
    assert (project / "types.ts").read_text() == "compat\n"


BROKEN = {
    "no function": ("x = 1", "other.py: has no function build_output; define `def build_output() -> str`"),
    "no callable": ("build_output = 'text'", "other.py: has no function build_output"),
    "bytes": ("\ndef build_output(): return b''", "other.py:2: build_output returned bytes; return the text as a str"),
    "nothing": ("def build_output(): pass", "other.py:1: build_output returned NoneType"),
    "raises": ("def build_output():\n    raise KeyError('gone\\naway')", "other.py:2: KeyError: 'gone\\naway'"),
    "raises below": (
        "import helper\ndef build_output():\n    return helper.fail()",
        "other.py:3: ZeroDivisionError: division by zero (raised at helper.py:2)",
    ),
    "raises at import": ("import json\n\njson.loads('{')", "other.py:3: JSONDecodeError: Expecting property name"),
    "syntax": ("x = 1\ndef build_output(:", "other.py:2: SyntaxError: "),
    "syntax below": ("import broken", "broken.py:1: SyntaxError: "),
    "not utf-8": ("x = '\udcff'", "other.py"),
    "import": ("import no_such_module", "other.py:1: ModuleNotFoundError: No module named 'no_such_module'"),
    "exit": ("import sys\nsys.exit('done')", "other.py:2: calls sys.exit('done')"),
    "hard exit": ("import os\nos._exit(3)", "other.py: ended the process with exit code 3"),
    "recursion": ("def build_output(): return build_output()", "other.py:1: RecursionError: "),
    "silent error": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\ndef build_output(): raise Odd",
        "other.py:3: Odd",
    ),
    "half a character": ("def build_output(): return 'a\\n\\ud800'", "other.py: line 2 of its output has '\\ud800'"),
    "no fields": (
        SCRIPT.replace("from shop.models import User", "class User: pass"),
        "other.py:8: TypeError: User: is no dataclass, TypedDict or NamedTuple class",
    ),
    "unknown type": (
        SCRIPT.replace(
            "from shop.models import User", "from typing import NamedTuple\nclass User(NamedTuple): x: complex"
        ),
        "other.py:9: ValueError: User.x: complex has no TypeScript counterpart",
    ),
}


@pytest.mark.parametrize(("script", "problem"), BROKEN.values(), ids=BROKEN)
def test_mistake_of_the_script_is_one_line_with_its_place(
    codegen: Codegen, project: Path, script: str, problem: str
) -> None:
    (project / "helper.py").write_text("def fail():\n    return 1 / 0\n")
    (project / "broken.py").write_text("(\n")
    (project / "types.ts").write_text("old")
    (project / "other.py").write_bytes(script.encode("utf-8", "surrogateescape"))
    before = files_of(project)
    code, out, err = codegen(script="other.py")
    assert (code, out) == (2, "")
    said = err.removeprefix("a word of the script\n")
    assert said.startswith(problem)
    assert said.count("\n") == 1
    assert (project / "types.ts").read_text() == "old"
    assert files_of(project) == before


USAGE = {
    "no script": (["--script", "gone.py"], "gone.py: no such script; give the path of a Python file"),
    "directory for a script": (["--script", "scripts"], "scripts: no such script"),
    "text for a script": (["--script", "notes.txt"], "notes.txt: ImportError: is no Python script; its name must end"),
    "directory for an output": (["--output", "shop"], "--output shop: cannot be read: Is a directory; give a file"),
    "script for an output": (["--output", "shop/../scripts/gen.py"], "--output shop/../scripts/gen.py: is the script"),
    "no root": (["--project-root", "gone"], "gone: is no directory; give one with --project-root"),
    "hanging": (["--script", "hang.py", "--timeout", "1"], "hang.py: still running after 1 s; what does it wait for?"),
}


@pytest.mark.parametrize(("arguments", "problem"), USAGE.values(), ids=USAGE)
def test_usage_mistake_is_one_line(codegen: Codegen, project: Path, arguments: list[str], problem: str) -> None:
    (project / "notes.txt").write_text("notes")
    (project / "hang.py").write_text("import time\ntime.sleep(60)\n")
    code, out, err = codegen(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(problem)
    assert err.count("\n") == 1


def test_script_imports_from_its_own_directory_and_from_the_root(codegen: Codegen, project: Path) -> None:
    (project / "scripts" / "beside.py").write_text("TEXT = 'beside '\n")
    (project / "lib" / "below").mkdir(parents=True)
    (project / "lib" / "below" / "__init__.py").write_text("TEXT = 'below\\n'\n")
    (project / "scripts" / "two.py").write_text(
        "import beside, below\ndef build_output(): return beside.TEXT + below.TEXT\n"
    )
    assert codegen("--project-root", "lib", script="scripts/two.py")[0] == 0
    assert (project / "types.ts").read_text() == "beside below\n"


def test_order_of_a_set_is_the_same_in_every_run(
    codegen: Codegen, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = script_of(project, "def build_output(): return ' '.join({f'name{i}' for i in range(50)})")
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    codegen(script=script)
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    assert codegen("--check", script=script)[0] == 0


def test_threads_and_children_of_a_script_do_not_hold_the_command(codegen: Codegen, project: Path) -> None:
    script = script_of(
        project,
        "import subprocess, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'],"
        " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "def build_output(): return 'done\\n'\n",
    )
    assert codegen("--timeout", "4", script=script)[0] == 0


def test_folder_of_the_current_directory_hides_no_package(codegen: Codegen, project: Path) -> None:
    (project / "protogate").mkdir()
    (project / "protogate" / "__init__.py").write_text("raise RuntimeError('not the one that is installed')\n")
    assert codegen()[0] == 0


def test_directory_option_is_where_paths_start(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    command = "import sys; from protogate.cli.codegen_typescript import run; sys.exit(run('codegen ts', sys.argv[1:]))"
    words = ["-C", str(project), "--script", "scripts/gen.py", "--output", "types.ts"]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-P", "-c", command, *words], cwd=elsewhere, capture_output=True, check=False
    )
    assert (done.returncode, (project / "types.ts").exists()) == (0, True)
