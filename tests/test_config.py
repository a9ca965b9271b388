from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.config import Config, load_config
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def test_project_without_settings_has_the_defaults(tmp_path: Path) -> None:
    assert load_config(str(tmp_path)) == Config("buf.gen.yaml", "main")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert load_config(str(tmp_path)) == Config()


def test_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.protogate]\nbase = "develop"\n')
    assert load_config(str(tmp_path)) == Config(base="develop")


def test_places_of_mappings_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.protogate]\nlegacy = ["old/a.mapping.yaml", "old/b"]\n')
    found = load_config(str(tmp_path))
    assert found == Config(legacy=("old/a.mapping.yaml", "old/b"), legacy_registry=".protogate/legacy.db")


def test_list_of_texts_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.protogate]\npython_path = ["lib", "src"]\nlayers_root = ""\n')
    assert load_config(str(tmp_path)) == Config(python_path=("lib", "src"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.protogate]\nbsae = "x"\n', r"'bsae' is not known; use one of template, base"),
        ("[tool.protogate]\nbase = 3\n", r"base is 3; a text is expected"),
        ('[tool.protogate]\ncqrs = ""\n', r"cqrs is ''; a text is expected"),
        ('[tool.protogate]\npython_path = "lib"\n', r"python_path is 'lib'; a list of texts is expected"),
        ('[tool.protogate]\npython_path = ["lib", 3]\n', r"python_path is \['lib', 3\]; a list of texts is expected"),
        ("[tool.protogate\n", r"cannot be read as TOML: "),
    ],
)
def test_mistakes_in_settings_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UserError, match=rf"^pyproject.toml: .*{message}"):
        load_config(str(tmp_path))
