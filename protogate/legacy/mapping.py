"""How the columns of a legacy table become the fields of a message: a file that people review.

.. code-block:: yaml

    subject: user.legacy            # the legacy schema
    source: users.sql               # where it is: a file beside this one, or a database URL
    table: users                    # in the legacy database; schema.table where there are schemas
    message: user.v1.UserCreated    # what a row becomes: the first event of its stream
    stream: {category: user, key: [id]}
    columns:
      id: user_id
      email: email
      created: {field: created_at, convert: timestamp, zone: Europe/Warsaw}
      is_active: {field: is_active, convert: boolean, default: true}
    ignored:
      password_md5: users set a new password with their first visit
    constants: {source: legacy}
    events:
      changed: user.v1.UserChanged  # the message, or another with the same fields, for a row that changed
      deleted: user.v1.UserRemoved
      effects:                      # what other events of the stream do to the state
        user.v1.EmailChanged: {}    # fields of the same names
        user.v1.UserDeactivated: {set: {is_active: false}}
    metadata: {in_legacy: true}     # of the first event
    claims:
      - {space: user.email, field: email, fold: casefold}

Every column is mapped or ignored with a reason; a column that is neither is an error, never a silent loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from protogate.findings import Place
from protogate.legacy.model import NO_DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.legacy.model import NoDefault

__all__ = ["BridgeMapping", "ClaimRule", "ColumnMapping", "Conversion", "Effect", "EventNames", "Fold"]

Json: TypeAlias = Any
"""What `json.loads` gives; Any because JSON nests."""
Fold: TypeAlias = Literal["exact", "casefold"]

NO_CONVERSION: Final = ""


class Conversion(NamedTuple):
    """What happens to a value on its way; `protogate.legacy.conversions` knows them all, in both directions."""

    name: str = NO_CONVERSION
    """Empty for the one that the types of both sides ask for."""
    arguments: Mapping[str, Json] = {}


class ColumnMapping(NamedTuple):
    """A column and the field that it becomes."""

    column: str
    field: str
    """Names of fields with points between them: `birth_date.year`."""
    conversion: Conversion = Conversion()
    default: Json | NoDefault = NO_DEFAULT
    """Stands in the place of null, in the words of ProtoJSON."""
    place: Place = Place("")


class Effect(NamedTuple):
    """What an event that is not ours does to the state: fields of the same names are taken over, then `set`."""

    set: Mapping[str, Json] = {}


class EventNames(NamedTuple):
    """Full names of messages; empty where the mapping names none."""

    created: str
    changed: str = ""
    deleted: str = ""
    effects: Mapping[str, Effect] = {}


class ClaimRule(NamedTuple):
    """A name that only one stream may have, see `protogate.cqrs.messages.Claim`."""

    space: str
    field: str
    fold: Fold = "exact"


class BridgeMapping(NamedTuple):
    """A mapping as it was read; all names are checked against neither side yet."""

    subject: str
    table: str
    message: str
    category: str
    key: tuple[str, ...]
    """Columns whose values make the id of a stream, see `stream_id`."""
    columns: tuple[ColumnMapping, ...]
    ignored: Mapping[str, str]
    """Columns that are not taken over, with the reason."""
    events: EventNames
    constants: Mapping[str, Json] = {}
    """Fields that every row gets, in the words of ProtoJSON."""
    metadata: Mapping[str, Json] = {}
    claims: tuple[ClaimRule, ...] = ()
    source: str = ""
    """Where the legacy schema is: a file relative to the mapping's, or a URL of SQLAlchemy."""
    place: Place = Place("")
    digest: str = ""
    """SHA-256 of what it says, whatever its layout."""
