"""Says in a few lines what a build did, and shows that a long one is alive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from protogate.build.engine import BuildResult, TargetResult

__all__ = ["Progress", "result_json", "summary_lines"]


def summary_lines(result: BuildResult) -> list[str]:
    """Return one line for each target and one for the whole."""
    width = max((len(target.out) for target in result.targets), default=0)
    name_width = max((len(target.name) for target in result.targets), default=0)
    lines = [f"{target.out:<{width}}  {target.name:<{name_width}}  {_target_text(target)}" for target in result.targets]
    return [*result.messages, *lines, _total(result)]


def result_json(result: BuildResult) -> dict[str, Any]:
    """Return plain values for `--json`; the keys are stable."""
    return {
        "contracts": result.contracts,
        "rebuilt": list(result.rebuilt),
        "seconds": round(result.seconds, 3),
        "targets": [
            {
                "name": target.name,
                "out": target.out,
                "files": target.files,
                "written": target.written,
                "removed": target.removed,
                "not_carried": target.not_carried,
            }
            for target in result.targets
        ],
        "messages": list(result.messages),
    }


class Progress:
    """A line on a terminal that tells how long buf has been running; nothing elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = False

    def say(self, line: str) -> None:
        """Show a line that stays."""
        self.clear()
        print(line, file=self._stream)

    def tick(self, seconds: float) -> None:
        """Show the seconds so far."""
        if self._stream.isatty():
            self._stream.write(f"\r\033[Kgenerating ... {seconds:.0f} s")
            self._stream.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._shown = False


def _target_text(target: TargetResult) -> str:
    changes = [
        f"{count:,} {word}" for count, word in ((target.written, "written"), (target.removed, "removed")) if count
    ]
    text = f"{target.files:,} {'file' if target.files == 1 else 'files'}, "
    text += ", ".join(changes) if changes else "unchanged"
    if target.not_carried:
        rules = "rule" if target.not_carried == 1 else "rules"
        text += f"; {target.not_carried:,} {rules} not carried, see the *-report.json files"
    return text


def _total(result: BuildResult) -> str:
    contracts = "contract" if result.contracts == 1 else "contracts"
    if not result.rebuilt:
        return f"{result.contracts:,} {contracts}: nothing to generate"
    return f"{len(result.rebuilt):,} of {result.contracts:,} {contracts} generated in {result.seconds:.1f} s"
