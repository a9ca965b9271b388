from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from protogate.build import clean
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.repository import Repository

ALL = "each acme/a/v1/a.proto acme/b/v1/b.proto acme/c/v1/c.proto"
A, B, C = "each/acme/a/v1/a.txt", "each/acme/b/v1/b.txt", "each/acme/c/v1/c.txt"


def test_first_build_makes_everything_with_one_process(repository: Repository) -> None:
    result = repository.build()
    assert sorted(repository.outputs()) == [A, B, C]
    assert repository.asked() == [ALL]
    assert [(one.name, one.out, one.files, one.written) for one in result.targets] == [("each", "out/each", 3, 3)]


def test_second_build_does_nothing(repository: Repository) -> None:
    assert not repository.is_current()
    repository.build()
    assert repository.is_current()
    times = repository.times()
    result = repository.build()
    assert (repository.asked(), result.rebuilt, repository.times()) == ([], (), times)


def test_changed_leaf_is_built_alone(repository: Repository) -> None:
    repository.build()
    times = repository.times()
    repository.contract("acme/c/v1/c.proto", "C", "C2")
    assert not repository.is_current()
    result = repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto"]
    assert result.rebuilt == ("acme/c/v1/c.proto",)
    assert repository.outputs()[C].endswith("C C2")
    assert {path: time for path, time in repository.times().items() if path != C} == {
        path: time for path, time in times.items() if path != C
    }


def test_changed_import_builds_those_that_import_it_too(repository: Repository) -> None:
    repository.build()
    repository.contract("acme/a/v1/a.proto", "A", "A2")
    repository.build()
    assert repository.asked() == ["each acme/a/v1/a.proto acme/b/v1/b.proto"]


def test_unchanged_content_keeps_the_time_of_the_output(repository: Repository) -> None:
    repository.build()
    times = repository.times()
    with (repository.root / "contracts/acme/c/v1/c.proto").open("a") as file:
        file.write("// only a comment\n")
    result = repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto"]
    assert (result.targets[0].written, repository.times()) == (0, times)


def test_touched_contract_is_not_built(repository: Repository) -> None:
    repository.build()
    os.utime(repository.root / "contracts/acme/c/v1/c.proto", (1, 1))
    assert repository.is_current()
    repository.build()
    assert repository.asked() == []


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda path: path.unlink(), id="deleted"),
        pytest.param(lambda path: path.write_text("mine"), id="edited by hand"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="replaced by a directory"),
    ],
)
def test_damaged_output_is_made_again(repository: Repository, harm: Callable[[object], object]) -> None:
    repository.build()
    before = repository.outputs()
    harm(repository.root / "out" / C)
    if (repository.root / "out" / C).is_dir():
        (repository.root / "out" / C).rmdir()
    assert not repository.is_current()
    repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto"]
    assert repository.outputs() == before


def test_restored_times_of_outputs_are_no_reason_to_build(repository: Repository) -> None:
    repository.build()
    for path in repository.outputs():
        os.utime(repository.root / "out" / path, (1, 1))
    assert repository.is_current()


def test_deleted_contract_takes_its_outputs_and_empty_directories_along(
    repository: Repository,
) -> None:
    repository.build()
    repository.remove("contracts/acme/c/v1/c.proto")
    result = repository.build()
    assert repository.asked() == []
    assert sorted(repository.outputs()) == [A, B]
    assert not (repository.root / "out/each/acme/c").exists()
    assert result.targets[0].removed == 1


def test_files_of_others_in_the_output_directory_stay(repository: Repository) -> None:
    repository.build()
    repository.write("out/each/acme/c/v1/mine.txt", "mine")
    repository.remove("contracts/acme/c/v1/c.proto")
    repository.build()
    assert repository.outputs()["each/acme/c/v1/mine.txt"] == "mine"
    assert clean(str(repository.root)) == 2
    assert list(repository.outputs()) == ["each/acme/c/v1/mine.txt"]


def test_renamed_contract_moves_its_output(repository: Repository) -> None:
    repository.build()
    repository.remove("contracts/acme/c/v1/c.proto")
    repository.contract("acme/c/v1/renamed.proto", "C")
    repository.build()
    assert sorted(repository.outputs()) == [A, B, "each/acme/c/v1/renamed.txt"]


def test_removed_message_takes_its_own_output_along(repository: Repository) -> None:
    repository.use_targets({"each": {"opt": ["split=1"]}})
    repository.contract("acme/c/v1/c.proto", "C", "C2")
    repository.build()
    assert "each/acme/c/v1/c.C2.txt" in repository.outputs()
    repository.contract("acme/c/v1/c.proto", "C")
    repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto"]
    assert "each/acme/c/v1/c.C2.txt" not in repository.outputs()


def test_contract_without_output_is_remembered(repository: Repository) -> None:
    repository.contract("acme/d/v1/d.proto")
    repository.build()
    assert repository.is_current()


def test_changed_option_builds_that_target_only(repository: Repository) -> None:
    targets: dict[str, dict[str, object]] = {"each": {}, "other": {"plugin": "each"}}
    repository.use_targets(targets)
    repository.build()
    repository.use_targets({"each": {"opt": ["word=hello"]}, "other": {"plugin": "each"}})
    repository.build()
    assert repository.asked() == [ALL]
    assert "hello" in repository.outputs()[A]
    assert "hello" not in repository.outputs()["other/acme/a/v1/a.txt"]


def test_changed_plugin_builds_everything_of_it(repository: Repository) -> None:
    repository.build()
    plugin = repository.root / "plugins/each.py"
    plugin.write_text(plugin.read_text() + "# another version\n")
    assert not repository.is_current()
    repository.build()
    assert repository.asked() == [ALL]


def test_removed_target_takes_its_outputs_along(repository: Repository) -> None:
    repository.use_targets({"each": {}, "other": {"plugin": "each"}})
    repository.build()
    repository.use_targets({"each": {}})
    assert not repository.is_current()
    repository.build()
    assert sorted(repository.outputs()) == [A, B, C]
    assert not (repository.root / "out/other").exists()


def test_targets_that_are_stale_together_share_one_call(repository: Repository) -> None:
    repository.use_targets({"each": {}, "package": {}})
    repository.build()
    repository.contract("acme/c/v1/c.proto", "C", "C2")
    repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto", "package acme/c/v1/c.proto"]


def test_selected_target_is_built_alone(repository: Repository) -> None:
    repository.use_targets({"each": {}, "package": {}})
    repository.build(select={"package"})
    assert [line.split()[0] for line in repository.asked()] == ["package"]
    repository.build()
    assert [line.split()[0] for line in repository.asked()] == ["each"]


def test_unknown_selection_lists_the_targets(repository: Repository) -> None:
    with pytest.raises(UserError, match=r"no plugin for target 'zodd'; the targets here are each"):
        repository.build(select={"zodd"})


class TestFilesOfAPackage:
    """Some targets write one file for all contracts of a package."""

    @pytest.fixture(autouse=True)
    def _two_in_one_package(self, repository: Repository) -> None:
        repository.use_targets({"package": {}})
        repository.contract("acme/c/v1/d.proto", "D")
        repository.build()

    def test_change_of_one_builds_its_package_mates(self, repository: Repository) -> None:
        repository.contract("acme/c/v1/c.proto", "C", "C2")
        repository.build()
        assert repository.asked() == ["package acme/c/v1/c.proto acme/c/v1/d.proto"]
        assert '"m": ["C", "C2", "D"]' in repository.outputs()["package/acme/c/v1/all.json"]

    def test_new_one_joins(self, repository: Repository) -> None:
        repository.contract("acme/c/v1/e.proto", "E")
        repository.build()
        assert '"m": ["C", "D", "E"]' in repository.outputs()["package/acme/c/v1/all.json"]

    def test_deleted_one_leaves(self, repository: Repository) -> None:
        repository.remove("contracts/acme/c/v1/d.proto")
        repository.build()
        assert repository.asked() == ["package acme/c/v1/c.proto"]
        assert '"m": ["C"]' in repository.outputs()["package/acme/c/v1/all.json"]

    def test_file_without_owner_comes_back(self, repository: Repository) -> None:
        repository.remove("out/package/runtime.json")
        repository.build()
        assert repository.outputs()["package/runtime.json"] == "{}"


def test_incremental_and_full_builds_agree(
    repository: Repository, make_repository: Callable[[str], Repository]
) -> None:
    repository.use_targets({"each": {}, "package": {}})
    repository.build()
    repository.contract("acme/a/v1/a.proto", "A", "A2")
    repository.contract("acme/a/v1/new.proto", "New")
    repository.build()
    repository.remove("contracts/acme/c/v1/c.proto")
    repository.contract("acme/b/v1/b.proto", "B3")
    repository.build()

    fresh = make_repository("fresh")
    fresh.use_targets({"each": {}, "package": {}})
    fresh.contract("acme/a/v1/a.proto", "A", "A2")
    fresh.contract("acme/a/v1/new.proto", "New")
    fresh.contract("acme/b/v1/b.proto", "B3")
    fresh.build()
    assert repository.outputs() == fresh.outputs()


def test_many_stale_contracts_are_built_without_naming_each(repository: Repository) -> None:
    names = [f"acme/long{'x' * 150}/n{number}/v1/contract.proto" for number in range(700)]
    for name in names:
        repository.contract(name, "M")
    repository.build()
    for name in names:
        repository.contract(name, "M2")
    result = repository.build()
    assert len(result.rebuilt) == 700
    assert len(repository.asked()) == 1
    assert repository.is_current()


def test_two_plugins_may_share_an_output_directory(repository: Repository) -> None:
    repository.use_targets({"each": {"out": "out/both"}, "package": {"out": "out/both"}})
    repository.build()
    assert {"both/acme/a/v1/a.txt", "both/acme/a/v1/all.json"} < set(repository.outputs())
    repository.contract("acme/c/v1/c.proto", "C9")
    repository.build()
    assert repository.asked() == ["each acme/c/v1/c.proto", "package acme/c/v1/c.proto"]


def test_report_counts_what_was_not_carried(repository: Repository) -> None:
    extra = """
    import json
    for file in wanted:
        add(file.name[:-6] + ".each-report.json", json.dumps(
            {"target": "each", "source": file.name, "not_carried": [{"rule": "x"}, {"rule": "y"}]}))
    sys.stdout.buffer.write(response.SerializeToString())
    """
    plugin = repository.root / "plugins/each.py"
    text = plugin.read_text().replace("sys.stdout.buffer.write(response.SerializeToString())", "")
    repository.write("plugins/each.py", text)
    with plugin.open("a") as file:
        file.write("\n".join(line[4:] for line in extra.splitlines()))
    assert repository.build().targets[0].not_carried == 6
    repository.remove("contracts/acme/c/v1/c.proto")
    assert repository.build().targets[0].not_carried == 4
    assert "each/acme/c/v1/c.each-report.json" not in repository.outputs()
