"""`protogate discovery` and its stages on a small shop, as people and programs call them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from protogate.cli import main
from protogate.cli.discovery_schema import schemas
from protogate.discovery.reports import ALL
from tests.support.repositories import SHOP, commit, write

if TYPE_CHECKING:
    from pathlib import Path

_REPORTS = "reports/migration-discovery"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "shop", SHOP)


def _documents(root: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in sorted((root / _REPORTS).glob("*.json"))}


def _texts(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((root / _REPORTS).glob("*.*")) if path.is_file()}


def test_every_document_is_written_and_fits_its_schema(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(shop)
    assert main(["discovery", "--repo-root", "shop", "--inventory"]) == 0
    out = capsys.readouterr().out
    assert "candidates" in out
    assert f"shop/{_REPORTS}/migration-discovery.html" in out
    found = _documents(shop)
    assert set(ALL) <= found.keys()
    for name, document in found.items():
        jsonschema_rs.validator_for(schemas()[name]).validate(document)
    written = _texts(shop)
    for name in ALL:
        page = written[f"{name}.md"].decode() if name != "module-boundaries" else "# "
        assert page.startswith("# ")
    assert found["migration-discovery.summary"]["counts"]["candidate_modules"] == len(found["module-candidates"])
    assert not [name for name in written if name.endswith(str(os.getpid()))]


def test_two_runs_and_two_places_give_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "elsewhere" / "shop", dict(reversed(SHOP.items())))
    assert main(["discovery", "--repo-root", str(shop)]) == 0
    assert main(["discovery", "--repo-root", str(other)]) == 0
    assert _texts(shop) == _texts(other)
    before = {path: path.stat().st_mtime_ns for path in (shop / _REPORTS).iterdir()}
    assert main(["discovery", "--repo-root", str(shop), "--fresh"]) == 0
    assert _texts(shop) == _texts(other)
    # What is equal is left as it is.
    after = {path: path.stat().st_mtime_ns for path in before if path.is_file()}
    assert after == {path: before[path] for path in after}


def test_the_summary_goes_to_stdout_and_the_documents_are_written_too(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discovery", "--repo-root", "shop", "--stdout"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first == _documents(shop)["migration-discovery.summary"]
    # Nothing changed: the same again, from what is there.
    assert main(["discovery", "--repo-root", "shop", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_a_report_that_somebody_touched_is_written_again(shop: Path) -> None:
    assert main(["discovery", "--repo-root", "shop"]) == 0
    before = _texts(shop)
    (shop / _REPORTS / "module-candidates.json").write_text("[]")
    assert main(["discovery", "--repo-root", "shop"]) == 0
    assert _texts(shop) == before


def test_options_change_what_is_planned(shop: Path) -> None:
    assert main(["discovery", "--repo-root", "shop", "--delegation-limit", "1", "--output-dir", "out"]) == 0
    plan = json.loads((shop / "out" / "delegation-plan.generated.json").read_text())
    assert len(plan) <= 1
    assert not (shop / _REPORTS).exists()


def test_a_config_is_merged_and_checked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = shop.parent / "discovery.json"
    config.write_text(json.dumps({"ignore_dirs": ["frontend"], "analysis": {"migrated_modules": ["shop.orders*"]}}))
    assert main(["discovery", "--repo-root", "shop", "--config", "discovery.json"]) == 0
    rows = {row["module"]: row["excluded"] for row in _documents(shop)["module-candidates"]}
    assert rows["shop.orders"] == "migrated"
    assert not [name for name in rows if name.startswith("frontend")]
    capsys.readouterr()
    config.write_text(json.dumps({"analysis": {"migrated": []}}))
    assert main(["discovery", "--repo-root", "shop", "--config", "discovery.json"]) == 2
    assert "discovery.json: analysis.migrated is not a setting; did you mean analysis.migrated_modules?" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--repo-root", "none"], "none: is no directory; give the repository with --repo-root"),
        (["--config", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["--delegation-limit", "-1"], "argument --delegation-limit: invalid number from 0 value: '-1'"),
        (["--output-dir", "shop/app.py"], "cannot be written: "),
    ],
)
def test_wrong_words_are_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    before = sorted(path for path in shop.rglob("*") if "reports" not in path.parts)
    try:
        code = main(["discovery", "--repo-root", "shop", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    error = capsys.readouterr().err
    assert code == 2
    assert said in error
    assert "Traceback" not in error
    assert sorted(path for path in shop.rglob("*") if "reports" not in path.parts) == before


@pytest.mark.parametrize(
    ("command", "document"),
    [
        ("service-boundaries", "service-boundaries"),
        ("cqrs-clusters", "cqrs-pattern-clusters"),
        ("migration-candidates", "module-candidates"),
        ("shared-ts-candidates", "shared-ts-candidates"),
        ("delegation-plan", "delegation-plan.generated"),
        ("wave-plan", "migration-wave-plan"),
    ],
)
def test_a_stage_says_what_the_whole_says(
    shop: Path, capsys: pytest.CaptureFixture[str], command: str, document: str
) -> None:
    assert main(["discovery", "--repo-root", "shop"]) == 0
    whole = _documents(shop)[document]
    capsys.readouterr()
    assert main([command, "--repo-root", "shop", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == whole
    assert main([command, "--repo-root", "shop", "--output-dir", "stage"]) == 0
    assert f"shop/stage/{document}.json" in capsys.readouterr().out.splitlines()
    assert json.loads((shop / "stage" / f"{document}.json").read_text()) == whole
    assert (shop / "stage" / f"{document}.md").read_text().startswith("# ")


def test_candidates_can_be_printed_and_cut(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migration-candidates", "--repo-root", "shop", "--output", "-", "--limit", "2"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["rank"] for row in rows] == [1, 2]
    assert main(["migration-candidates", "--repo-root", "shop", "--output", "-", "--services-only"]) == 0
    assert all(row["service_candidate"] for row in json.loads(capsys.readouterr().out))
    assert main(["migration-candidates", "--repo-root", "shop", "--output", "c.json", "--with-markdown"]) == 0
    assert {"c.json", "c.md"} <= {path.name for path in shop.iterdir()}


def test_a_plan_is_made_of_what_somebody_chose(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = shop.parent / "chosen.json"
    chosen.write_text(json.dumps([{"module": "shop.orders"}, {"module": "shop.billing"}]))
    assert main(["delegation-plan", "--repo-root", "shop", "--input", "../chosen.json", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["module"] for row in rows} == {"shop.orders", "shop.billing"}
    waves = {row["module"]: row["wave"] for row in rows}
    assert waves["shop.orders"] < waves["shop.billing"]
    chosen.write_text('{"module": "shop.orders"}')
    assert main(["delegation-plan", "--repo-root", "shop", "--input", "../chosen.json"]) == 2
    assert "is no list of candidates; module-candidates.json is wanted" in capsys.readouterr().err


def test_an_empty_folder_and_a_broken_file_end_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discovery", "--repo-root", str(tmp_path)]) == 0
    assert "0 modules, 0 references" in capsys.readouterr().out
    write(tmp_path, {"a.py": "def f(:\n", "b.ts": "export const = ;\n"})
    (tmp_path / "c.py").write_bytes(b"\x00\x01")
    assert main(["discovery", "--repo-root", str(tmp_path)]) == 0
    assert "files could not be read whole" in capsys.readouterr().out
    for name, document in _documents(tmp_path).items():
        jsonschema_rs.validator_for(schemas()[name]).validate(document)


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discovery", "schema"]) == 0
    names = capsys.readouterr().out.split()
    assert set(ALL) <= set(names)
    for name in names:
        assert main(["discovery", "schema", name]) == 0
        document = json.loads(capsys.readouterr().out)
        jsonschema_rs.meta.validate(document)
        assert document["title"] == name
    assert main(["discovery", "schema", "plan"]) == 2
    assert "'plan' is no document; use one of " in capsys.readouterr().err


def test_what_people_know_better_is_believed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(shop, {"frontend/src/orders/more.ts": "import { cancel } from '#/orders/page';\n\ncancel(1);\n"})
    config = shop.parent / "discovery.json"
    known = {"frontend": {"alias_roots": {"#": "frontend/src"}}, "backend": {"route_roots": ["shop/catalog"]}}
    config.write_text(json.dumps(known))
    assert main(["discovery", "--repo-root", "shop", "--inventory", "--config", "discovery.json"]) == 0
    found = _documents(shop)["repository-inventory"]
    assert {row["path"] for row in found["routes"]} == {"/api/catalog/{product_id}"}
    pairs = {(row["source"], row["target"]) for row in found["edges"]}
    assert ("frontend/src/orders/more", "frontend/src/orders/page") in pairs
    config.write_text(json.dumps({"cqrs": {"module_roots": ["frontend"]}}))
    capsys.readouterr()
    assert main(["cqrs-clusters", "--repo-root", "shop", "--config", "discovery.json", "--json"]) == 0
    assert all(row["module"].startswith("frontend") for row in json.loads(capsys.readouterr().out)["rows"])
