"""Real Pydantic models to hold the static side against: packages, pinned in `model_corpus.txt`.

They are installed under `.protogate/corpora/models/`, never into the environment of this project, and only when the
pins changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.process import ROOT, STATE, finish, tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PACKAGES", "PLACE", "Package", "install", "runtime_answer"]

PLACE = STATE / "corpora" / "models" / "packages"
"""Where the packages are."""

_PINS = Path(__file__).with_suffix(".txt")
_SCRIPT = Path(__file__).with_name("model_corpus_schemas.py")
_SUPPORT = ROOT / "tests" / "support" / "pydantic_schemas.py"


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution, and the modules of it whose models are compared."""

    name: str
    roots: tuple[str, ...]
    style: str
    """What kind of code it is, for the table."""
    is_counted: bool = True
    """Whether its fields count for the goal; not those of types that calls make when the package is imported."""

    @property
    def version(self) -> str:
        """The pinned one."""
        (found,) = (line for line in _PINS.read_text().splitlines() if line.startswith(f"{_normal(self.name)}=="))
        return found.partition("==")[2]


PACKAGES = tuple(
    Package(name, tuple(roots.split()), style, is_counted="made by calls" not in style)
    for name, roots, style in (
        ("a2a-types", "a2a_types", "generated from JSON Schema"),
        ("agno", "agno", "by hand, application"),
        ("aiogram", "aiogram.types aiogram.methods", "generated, mutable defaults by hand"),
        ("alpaca-py", "alpaca", "by hand, SDK"),
        ("anthropic", "anthropic.types", "Stainless SDK"),
        ("asyncapi-schema-pydantic", "asyncapi_schema_pydantic", "by hand, specification"),
        ("atif", "atif", "by hand, validators"),
        ("bioimageio.spec", "bioimageio.spec", "by hand, versions inherit from one another"),
        ("cloudevents-pydantic", "cloudevents_pydantic", "by hand, validators"),
        ("cohere", "cohere", "Fern SDK"),
        ("composio-client", "composio_client.types", "Stainless SDK"),
        ("datamodel-code-generator", "datamodel_code_generator", "by hand, application"),
        ("dbt-artifacts-parser", "dbt_artifacts_parser", "datamodel-code-generator"),
        ("deepgram-sdk", "deepgram", "Fern SDK"),
        ("elevenlabs", "elevenlabs.types", "Fern SDK"),
        ("fastapi", "fastapi", "by hand, specification"),
        ("fhir.resources", "fhir.resources", "generated, its types are made by calls"),
        ("geojson-pydantic", "geojson_pydantic", "by hand, generics"),
        ("githubkit-schemas", "githubkit_schemas.v2026_03_10.models", "own generator, missing values"),
        ("google-genai", "google.genai", "generated, camel case aliases"),
        ("groq", "groq.types", "Stainless SDK"),
        ("hera", "hera", "datamodel-code-generator, extended by hand"),
        ("langchain-core", "langchain_core", "by hand, framework"),
        ("langsmith", "langsmith", "by hand, SDK"),
        ("letta-client", "letta_client.types", "Stainless SDK"),
        ("mcp", "mcp mcp_types", "by hand, protocol"),
        ("mistralai", "mistralai", "Speakeasy SDK"),
        ("ocsf-pydantic", "ocsf", "own generator, enums"),
        ("ollama", "ollama", "by hand, SDK"),
        ("ome-types", "ome_types", "xsdata"),
        ("openai", "openai.types", "Stainless SDK"),
        ("openapi-pydantic", "openapi_pydantic", "by hand, specification"),
        ("prefect", "prefect", "by hand, application"),
        ("pydantic-ai-slim", "pydantic_ai", "by hand, framework"),
        ("python-on-whales", "python_on_whales", "by hand, camel case aliases"),
        ("qdrant-client", "qdrant_client.http.models", "own generator"),
        ("scim2-models", "scim2_models", "by hand, generics and own serializers"),
        ("stac-pydantic", "stac_pydantic", "by hand, serializers"),
        ("unstructured-client", "unstructured_client.models", "Speakeasy SDK"),
        ("weaviate-client", "weaviate", "by hand, SDK"),
    )
)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def install() -> None:
    """Have all pinned packages on disk, as wheels; a second call finds them there."""
    stamp = PLACE.with_name("installed.txt")
    pins = _PINS.read_text()
    if stamp.exists() and stamp.read_text() == pins:
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    pip = [tool("python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:"]
    finish([*pip, "--target", str(PLACE), "--requirement", str(_PINS)])
    stamp.write_text(pins)


def runtime_answer(package: Package, one_by_one: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return what pydantic says of the models of a package; remembered until pins or this code change.

    Args:
        package: whose models.
        one_by_one: models of which the schemas are wanted by themselves, and only those; empty for all models together.
    """
    content = [path.read_bytes() for path in (_PINS, _SCRIPT, _SUPPORT)]
    content += map(str.encode, (*package.roots, "", *one_by_one))
    key = hashlib.sha256(b"\0".join(content)).hexdigest()
    kept = PLACE.with_name("answers") / f"{package.name}{'-again' if one_by_one else ''}.json"
    if kept.exists():
        known: dict[str, Any] = json.loads(kept.read_bytes())
        if known["key"] == key:
            return known
    environment = [f"PYTHONPATH={PLACE}:{ROOT}", "PYTHONHASHSEED=0", f"HOME={PLACE.parent}"]
    # Without site-packages, and without what a user of this machine has set.
    command = ["env", "-i", *environment, sys.executable, "-S", "-B", "-m", "benchmarks.model_corpus_schemas"]
    answer: dict[str, Any] = json.loads(finish([*command, " ".join(package.roots), *one_by_one]))
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({**answer, "key": key}))
    return answer
