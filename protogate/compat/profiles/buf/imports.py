"""The rules of `buf breaking` on files that are only imported: no longer to import one is to delete it, to buf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.compat.changes import Spot
from protogate.compat.profiles.buf.verdicts import broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.compat.profiles import Verdict
    from protogate.descriptors import File, Schema

__all__ = ["lost_imports", "report_lost"]


def lost_imports(old: Schema, new: Schema) -> tuple[File, ...]:
    """What the old version imports and the new one has nowhere."""
    if old.files.keys() <= new.files.keys():
        return ()
    own = {file.name for file in old.files_to_generate}
    return tuple(file for name, file in old.files.items() if name not in own and name not in new.files)


def report_lost(lost: Iterable[File], old: Schema, new: Schema) -> Iterator[Verdict]:
    """The files themselves, and the packages that are gone with them."""
    # The comparison tells of the packages of the files that are compared.
    packages = {file.package for file in (*new.files.values(), *old.files_to_generate)}
    for file in lost:
        spot = Spot(file, ())
        yield broken("FILE_NO_DELETE", spot, file.name, f"file {file.name} is not imported any more")
        if file.package not in packages:
            packages.add(file.package)
            what = f"nothing of package {file.package} is imported any more"
            yield broken("PACKAGE_NO_DELETE", spot, file.package, what)
