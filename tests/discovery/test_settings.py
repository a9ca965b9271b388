from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protogate.discovery.settings import DEFAULTS, read_settings, settings_from
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_are_merged_deeply_over_the_defaults() -> None:
    found = settings_from({"analysis": {"top_services": 9}, "ignore_dirs": ["old"]})
    assert found.of("analysis.top_services") == 9
    assert found.of("analysis.max_waves") == DEFAULTS["analysis"]["max_waves"]
    assert found.of("ignore_dirs") == ["old"]
    assert found.with_values(top_services=2, delegation_limit=None).of("analysis.top_services") == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"analisys": {}}, "analisys is not a setting; did you mean analysis?"),
        (
            {"analysis": {"top_service": 4}},
            "analysis.top_service is not a setting; did you mean analysis.top_services?",
        ),
        ({"analysis": {"top_services": "4"}}, 'analysis.top_services: "4" is a text; a whole number from 0 is wanted'),
        ({"analysis": {"top_services": -1}}, "analysis.top_services: -1 is a whole number from 0"),
        ({"analysis": {"top_services": True}}, "true is true or false; a whole number from 0 is wanted"),
        ({"cqrs": {"cluster_similarity_threshold": 2}}, "a share from 0 to 1 is wanted"),
        ({"ignore_dirs": "old"}, 'ignore_dirs: "old" is a text; a list is wanted'),
        ({"api": {"path_regex": "("}}, "api.path_regex: '(' is no regular expression"),
        ({"analysis": None}, "analysis: null is nothing; a table is wanted"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        settings_from(given, "discovery.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("discovery.json: ")
    assert "\n" not in str(caught.value)


def test_keys_of_free_tables_are_the_users_own() -> None:
    assert settings_from({"frontend": {"alias_roots": {"@": "src"}}}).of("frontend.alias_roots") == {"@": "src"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "discovery.json:1: is no JSON"),
        (b"[]", "discovery.json: is a list; a table of settings is wanted"),
        (b"\xff", "discovery.json: is no UTF-8: byte 0"),
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "discovery.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_settings(path)
    assert said in str(caught.value)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_settings(tmp_path / "none.json")


def test_the_defaults_are_settings_themselves() -> None:
    assert settings_from(json.loads(json.dumps(DEFAULTS))).table == DEFAULTS
