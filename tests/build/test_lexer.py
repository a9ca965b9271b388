from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.build.lexer import read_header


@pytest.mark.parametrize(
    ("text", "package", "imports"),
    [
        pytest.param("", "", (), id="empty"),
        pytest.param('package a.b;\nimport "x.proto";', "a.b", ("x.proto",), id="plain"),
        pytest.param('import public "a.proto"; import weak "b.proto";', "", ("a.proto", "b.proto"), id="modifiers"),
        pytest.param('edition = "2024"; import option "o.proto";', "", ("o.proto",), id="import option"),
        pytest.param("import 'single.proto';", "", ("single.proto",), id="single quotes"),
        pytest.param('import "a/" "b.proto";', "", ("a/b.proto",), id="adjacent literals"),
        pytest.param(r'import "\x61\142c.proto";', "", ("abc.proto",), id="escapes"),
        pytest.param('// import "no.proto";\nimport "a.proto"; // "b"', "", ("a.proto",), id="line comment"),
        pytest.param('/* import "no.proto"; */ package /* x */ a /**/ . b;', "a.b", (), id="block comment"),
        pytest.param('option (x) = "// import \\"no.proto\\";";import "a.proto";', "", ("a.proto",), id="string"),
        pytest.param('option a = "/*"; import "a.proto"; option b = "*/";', "", ("a.proto",), id="comment in string"),
        pytest.param("message M { string package = 1; string import = 2; }", "", (), id="fields"),
        pytest.param('message M { option (o) = { import: "no.proto" }; } package p;', "p", (), id="after a body"),
        pytest.param('option (o) = { a: "x" }; import "a.proto";', "", ("a.proto",), id="after an aggregate"),
        pytest.param('import"a.proto";package\n\tp . q\n;', "p.q", ("a.proto",), id="odd blanks"),
        pytest.param('message M {} import "a.proto";', "", ("a.proto",), id="after an empty message"),
        pytest.param("/* never closed", "", (), id="open comment"),
        pytest.param('import "never closed', "", (), id="open string"),
        pytest.param("} } } package p;", "p", (), id="too many braces"),
    ],
)
def test_header(text: str, package: str, imports: tuple[str, ...]) -> None:
    assert read_header(text) == (package, imports)


@given(st.text())
def test_any_text_has_a_header(text: str) -> None:
    read_header(text)


@given(
    st.lists(
        st.sampled_from(['// x "y" {\n', "/* } ; import 'no.proto'; */", " ", "\n", 'option a = "{;";']), max_size=8
    ),
    st.permutations(
        ["import 'a.proto';", 'import public "b.proto";', "package p.q;", "message M { oneof o { int32 a = 1; } }"]
    ),
)
def test_noise_between_statements_changes_nothing(noise: list[str], statements: list[str]) -> None:
    text = "".join(f"{statement}{''.join(noise)}" for statement in statements)
    header = read_header(text)
    assert (header.package, set(header.imports)) == ("p.q", {"a.proto", "b.proto"})
