from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.blocks import Code, Writer, code_of
from protogate.crosscheck.contracts.documents import Document, parse_document
from protogate.crosscheck.contracts.validate import validate
from protogate.crosscheck.python.handlers import Interface
from protogate.findings import Finding, Place, Severity
from tests.crosscheck.shape_words import CODE, TEXT, one, record, unknown, values

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Shape

AB = {"enum": ["a", "b"]}


def contract_of(word: str, **keys: Any) -> Any:  # noqa: ANN401 - blocks of any form; what comes back is a contract
    kinds = {"command": "CQRS_COMMAND", "query": "CQRS_QUERY", "event": "DOMAIN_EVENT"}
    own: dict[str, Any] = {"payload": {}, "producers": {}} if word == "event" else {"input": {}, "output": {}}
    document = {word: "X", "kind": kinds[word], "version": "1.0.0", "transport": {}, "layers": {}, **own, **keys}
    parsed = parse_document(f"X.{word}.json", json.dumps(document).encode())
    assert isinstance(parsed, Document)
    contract, problems = validate(parsed)
    assert contract is not None, problems
    return contract


def model(shape: Shape, written: Shape | None = None) -> Interface:
    return Interface("model", shape, written or shape, CODE, "Model")


def handler(taken: Shape | None, written: Shape | None) -> Interface:
    return Interface("handler", taken, written, CODE, "handle")


def code(contract: Any, *, thorough: bool = False, **symbols: Interface | Finding) -> Code:  # noqa: ANN401 - as above
    return code_of(contract, lambda _, name: symbols[name], thorough=thorough)


def told(found: Code) -> list[str]:
    return [f"{one.severity.name.lower()} {one.rule}" for one in found.findings]


IN, OUT = record("In", mode=one("a")), record("Out", status=one("a"))


class TestHandlers:
    def test_handler_gives_both_blocks(self) -> None:
        contract = contract_of("query", input={"q": AB}, output={"r": AB}, layers={"python": "a.py::handle"})
        found = code(contract, handle=handler(IN, OUT))
        assert (found.shapes, told(found)) == ({"input": IN, "output": OUT}, [])
        assert [(one.path, one.name, one.block) for one in found.writers] == [("a.py", "handle", "output")]

    def test_block_that_a_handler_does_not_say_is_told_if_it_lists_values(self) -> None:
        contract = contract_of("query", input={"q": AB}, output={"r": AB}, layers={"python": "a.py::handle"})
        assert told(code(contract, handle=handler(None, OUT))) == ["note crosscheck/not-compared"]
        contract = contract_of("query", input={"q": {"type": "string"}}, layers={"python": "a.py::handle"})
        assert told(code(contract, handle=handler(None, OUT))) == []

    def test_layer_of_one_block_wins(self) -> None:
        layers = {"python": "a.py::handle", "python_input": "a.py::In"}
        contract = contract_of("query", input={"mode": AB}, output={"status": AB}, layers=layers)
        own = record("Own", mode=one("a"))
        found = code(contract, handle=handler(IN, OUT), In=model(own))
        assert found.shapes == {"input": own, "output": OUT}

    def test_handler_may_stand_for_one_block(self) -> None:
        contract = contract_of("query", output={"status": AB}, layers={"python_output": "a.py::handle"})
        found = code(contract, handle=handler(IN, OUT))
        assert found.shapes == {"output": OUT}
        assert len(found.writers) == 1


class TestModels:
    @pytest.mark.parametrize("word", ["query", "command"])
    def test_model_stands_for_the_block_whose_keys_it_has(self, word: str) -> None:
        blocks = {"input": {"mode": AB}, "output": {"status": AB}}
        for shape, block in ((IN, "input"), (OUT, "output")):
            found = code(contract_of(word, **blocks, layers={"python": "a.py::Model"}), Model=model(shape))
            assert found.shapes == {block: shape}

    def test_each_block_gets_its_own_direction(self) -> None:
        taken, written = record(mode=one("a")), record(mode=one("b"))
        for block, shape in (("input", taken), ("output", written)):
            contract = contract_of("command", **{block: {"mode": AB}}, layers={"python": "a.py::Model"})
            assert code(contract, Model=model(taken, written)).shapes == {block: shape}

    def test_most_keys_decide(self) -> None:
        contract = contract_of(
            "command", input={"id": {}, "mode": AB}, output={"id": {}}, layers={"python": "a.py::Model"}
        )
        assert list(code(contract, Model=model(record(id=TEXT, mode=one("a")))).shapes) == ["input"]

    def test_other_names_of_an_input_count(self) -> None:
        from tests.crosscheck.shape_words import field  # noqa: PLC0415 - only here

        contract = contract_of("command", input={"Mode": AB}, output={"x": {}}, layers={"python": "a.py::Model"})
        shape = record(mode=field("mode", one("a"), "mode", "Mode"))
        assert list(code(contract, Model=model(shape)).shapes) == ["input"]

    def test_as_many_keys_of_both_are_the_output_of_a_query(self) -> None:
        blocks = {"input": {"status": AB}, "output": {"status": AB}}
        found = code(contract_of("query", **blocks, layers={"python": "a.py::Model"}), Model=model(OUT))
        assert list(found.shapes) == ["output"]
        assert told(found) == ["note crosscheck/not-compared"]

    def test_as_many_keys_of_both_are_ambiguous_in_a_command(self) -> None:
        blocks = {"input": {"status": AB}, "output": {"status": AB}}
        found = code(contract_of("command", **blocks, layers={"python": "a.py::Model"}), Model=model(OUT))
        assert (found.shapes, told(found)) == ({}, ["warning crosscheck/ambiguous-model"])

    def test_block_with_a_layer_of_its_own_is_taken(self) -> None:
        layers = {"python": "a.py::Model", "python_output": "a.py::Out"}
        blocks = {"input": {"status": AB}, "output": {"status": AB}}
        found = code(contract_of("command", **blocks, layers=layers), Model=model(OUT), Out=model(IN))
        assert found.shapes == {"input": OUT, "output": IN}

    @pytest.mark.parametrize("word", ["query", "command"])
    def test_only_block_with_keys_is_the_one(self, word: str) -> None:
        contract = contract_of(word, output={"state": AB}, layers={"python": "a.py::Model"})
        assert code(contract, Model=model(OUT)).shapes == {"output": OUT}

    @pytest.mark.parametrize("word", ["query", "command"])
    def test_model_without_common_keys_is_not_compared(self, word: str) -> None:
        contract = contract_of(word, input={"id": {}}, output={"state": AB}, layers={"python": "a.py::Model"})
        found = code(contract, Model=model(OUT))
        assert (found.shapes, told(found)) == ({}, ["warning crosscheck/ambiguous-model"])
        assert found.findings[0].place == Place(f"X.{word}.json#/layers/python")

    def test_nor_asked_for_where_nothing_is_listed(self) -> None:
        contract = contract_of("query", input={"id": {}}, output={"state": {}}, layers={"python": "a.py::Model"})
        assert told(code(contract, Model=model(OUT))) == []
        assert told(code(contract, thorough=True, Model=model(OUT))) == ["warning crosscheck/ambiguous-model"]

    @pytest.mark.parametrize("shape", [unknown(), values(TEXT)], ids=["unresolved", "mapping"])
    def test_what_has_no_keys_stands_for_what_lists_values(self, shape: Shape) -> None:
        contract = contract_of("command", input={"mode": AB}, output={"id": {}}, layers={"python": "a.py::Model"})
        assert code(contract, Model=model(shape)).shapes == {"input": shape}


class TestEvents:
    def test_model_stands_for_the_payload(self) -> None:
        layers, producers = {"python": "a.py::Model"}, {"python": "b.py::publish"}
        contract = contract_of("event", payload={"status": AB}, layers=layers, producers=producers)
        found = code(contract, Model=model(OUT))
        assert found.shapes == {"payload": OUT}
        assert found.writers == (Writer("a.py", "Model", "payload", ("b.py",)),)

    def test_producer_is_asked_where_no_layer_is(self) -> None:
        contract = contract_of("event", payload={"status": AB}, producers={"python": "a.py::handle"})
        found = code(contract, handle=handler(None, OUT))
        assert found.shapes == {"payload": OUT}
        assert [one.block for one in found.writers] == ["payload"]

    def test_producer_whose_answer_is_something_else_is_not_compared(self) -> None:
        contract = contract_of("event", payload={"origin": AB}, producers={"python": "a.py::handle"})
        found = code(contract, handle=handler(None, OUT))
        assert (found.shapes, found.writers, told(found)) == ({}, (), ["note crosscheck/not-compared"])


class TestFindings:
    def test_file_without_a_symbol_warns_where_values_are_listed(self) -> None:
        contract = contract_of("event", payload={"origin": AB}, producers={"python": "a.py"})
        found = code(contract)
        assert told(found) == ["warning crosscheck/no-symbol"]
        assert found.findings[0].place == Place("X.event.json#/producers/python")
        assert told(code(contract_of("event", payload={"origin": {}}, producers={"python": "a.py"}))) == []

    def test_name_that_is_not_there_is_told_at_the_contract(self) -> None:
        missing = Finding("crosscheck/symbol-not-found", Place("a.py"), "a.py has no 'Model'")
        contract = contract_of("query", output={"status": AB}, layers={"python": "a.py::Model"})
        (finding,) = code(contract, Model=missing).findings
        assert (finding.place, finding.severity) == (Place("X.query.json#/layers/python"), Severity.ERROR)

    def test_mistake_in_the_code_is_told_there(self) -> None:
        broken = Finding("crosscheck/python-syntax", Place("a.py", 3), "...")
        contract = contract_of("query", output={"status": AB}, layers={"python": "a.py::Model"})
        assert code(contract, Model=broken).findings == (broken,)

    def test_contract_without_python_is_left_alone(self) -> None:
        contract = contract_of("query", output={"status": AB}, layers={"typescript": "a.ts"})
        found = code(contract)
        assert (found.shapes, found.findings, found.has_python) == ({}, (), False)
