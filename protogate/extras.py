"""The optional parts of Protogate: which packages come with which extra of `pip install "protogate[...]"`.

The base installation generates, compares and guards contracts. What fewer people need, servers and databases and
readers of other languages, is installed by name.
"""

from __future__ import annotations

from typing import Final

__all__ = ["EXTRAS", "missing_extra"]

EXTRAS: Final = {
    "gateway": (
        "aiohttp",
        "httptools",
        "prometheus_client",
        "pydantic_settings",
        "sse_starlette",
        "uvloop",
        "wsproto",
    ),
    "legacy": ("sqlalchemy", "sqlglot"),
    "discovery": ("tree_sitter", "tree_sitter_javascript", "tree_sitter_python", "tree_sitter_typescript"),
    "postgres": ("psycopg",),
    "nats": ("nats",),
    "mysql": ("pymysql",),
    "jwt": ("jwt",),
}
"""Extra: the modules that it brings and that we import; `legacy` brings those of `gateway` too."""
_OF: Final = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """One line for a module that an extra would have brought; none for any other module."""
    module = (error.name or "").partition(".")[0]
    extra = _OF.get(module)
    if extra is None:
        return None
    return f'protogate: this needs the Python package {module}; try: pip install "protogate[{extra}]"'
