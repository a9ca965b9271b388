"""`python -m drawings`: draw the architecture anew, into docs/assets/."""

from __future__ import annotations

import sys
from pathlib import Path

from drawings.architecture import drawn
from protogate.console import guard

_PICTURE = "docs/assets/architecture.svg"


def main(arguments: list[str]) -> int:
    """Draw all pictures of the repository here."""
    del arguments
    Path(_PICTURE).write_text(drawn(Path()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(guard(main, sys.argv[1:]))
