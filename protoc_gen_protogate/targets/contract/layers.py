"""Where the code behind a contract is: templates with the names of the contract in them.

A template that asks for a name which a contract does not have, such as `{output}` of a method that answers with no
message of its own, makes no layer there.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit.model_names import WITH_RUNTIME, class_names, models_path
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Message

__all__ = ["EVENT_LAYERS", "METHOD_LAYERS", "Models", "Templates", "python_class"]

METHOD_LAYERS: Final = {
    "python": "python_layer",
    "python_input": "python_input",
    "python_output": "python_output",
    "typescript": "typescript",
}
"""The layers of commands and queries, with the options that hold their templates."""

EVENT_LAYERS: Final = {"python_payload": "python_payload"}

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_OF_FILES: Final = ("dir", "stem", "package", "slice")
_KNOWN: Final = {
    **dict.fromkeys(METHOD_LAYERS.values(), (*_OF_FILES, "service", "method", "method_snake", "input", "output")),
    **dict.fromkeys(EVENT_LAYERS.values(), (*_OF_FILES, "message")),
}


class Models(NamedTuple):
    """The messages that are what a contract describes, as far as there are such."""

    input: Message | None = None
    output: Message | None = None
    payload: Message | None = None


class Templates(NamedTuple):
    """The templates of all layers, by option, and where generated models are."""

    texts: Mapping[str, str]
    models: str
    """The folder of generated pydantic models below the layers root; empty for none."""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Templates:
        """The templates that options give.

        Raises:
            UserError: a template has a placeholder that is not known.
        """
        texts = {option: options[option] for option in _KNOWN if options[option]}
        for option, text in texts.items():
            for name in _PLACEHOLDER.findall(text):
                if name not in _KNOWN[option]:
                    allowed = ", ".join(f"{{{one}}}" for one in _KNOWN[option])
                    raise UserError(f"option '{option}': '{{{name}}}' is not known; use one of {allowed}")
        return cls(texts, options["models"].rstrip("/"))

    def layers(self, kinds: Mapping[str, str], names: Mapping[str, str], models: Models) -> dict[str, str]:
        """The layers of one contract.

        Args:
            kinds: layers to make, with the options that hold their templates.
            names: what stands for the placeholders.
            models: the messages that the contract describes.
        """
        found: dict[str, str] = {}
        for layer, option in kinds.items():
            template = self.texts.get(option)
            layer_text = self._model(layer, models) if template is None else _filled(template, names)
            if layer_text:
                found[layer] = layer_text
        return found

    def _model(self, layer: str, models: Models) -> str:
        _, _, block = layer.partition("python_")
        message: Message | None = getattr(models, block) if block else None
        if not self.models or message is None or message.file.name in WITH_RUNTIME:
            return ""
        return f"{self.models}/{models_path(message.file.name)}::{python_class(message)}"


def python_class(message: Message) -> str:
    """The class of a message in the models that the pydantic target writes."""
    return _classes(message.file)[message.full_name]


_classes: Final = cache(class_names)


def _filled(template: str, names: Mapping[str, str]) -> str:
    wanted = _PLACEHOLDER.findall(template)
    if not all(names.get(name) or name == "dir" for name in wanted):
        return ""
    text = _PLACEHOLDER.sub(lambda match: names[match[1]], template)
    # Contracts at the root have no folder.
    return text.replace("//", "/").lstrip("/") if "dir" in wanted else text
