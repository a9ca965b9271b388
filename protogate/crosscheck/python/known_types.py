"""What types of the standard library and of pydantic are in documents, as pydantic reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.crosscheck.shapes import ANY, AnyOf, Primitive

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Direction, Shape

__all__ = ["ARRAYS", "BEHIND_CODE", "MAPPINGS", "NOT_IN_DOCUMENTS", "simple_shape"]

_STRING: Final = Primitive("string")
_INTEGER: Final = Primitive("integer")
_NUMBER: Final = Primitive("number")
_BOOLEAN: Final = Primitive("boolean")

_FORMATS: Final = {
    "bytes": "binary",
    "datetime.date": "date",
    "datetime.datetime": "date-time",
    "datetime.time": "time",
    "datetime.timedelta": "duration",
    "uuid.UUID": "uuid",
    "zoneinfo.ZoneInfo": "zoneinfo",
    "re.Pattern": "regex",
    "typing.Pattern": "regex",
    "os.PathLike": "path",
    "pathlib.Path": "path",
    "pathlib.PurePath": "path",
    "pathlib.PosixPath": "path",
    "pathlib.PurePosixPath": "path",
    "pathlib.WindowsPath": "path",
    "pathlib.PureWindowsPath": "path",
    "ipaddress.IPv4Address": "ipv4",
    "ipaddress.IPv4Interface": "ipv4interface",
    "ipaddress.IPv4Network": "ipv4network",
    "ipaddress.IPv6Address": "ipv6",
    "ipaddress.IPv6Interface": "ipv6interface",
    "ipaddress.IPv6Network": "ipv6network",
    "pydantic.IPvAnyAddress": "ipvanyaddress",
    "pydantic.IPvAnyInterface": "ipvanyinterface",
    "pydantic.IPvAnyNetwork": "ipvanynetwork",
    "pydantic.EmailStr": "email",
    "pydantic.NameEmail": "name-email",
    **dict.fromkeys(
        (
            "pydantic.AnyUrl", "pydantic.AnyHttpUrl", "pydantic.HttpUrl", "pydantic.FileUrl", "pydantic.FtpUrl",
            "pydantic.WebsocketUrl", "pydantic.AnyWebsocketUrl", "pydantic.CockroachDsn", "pydantic.AmqpDsn",
            "pydantic.RedisDsn", "pydantic.KafkaDsn", "pydantic.MySQLDsn", "pydantic.MariaDBDsn",
            "pydantic.ClickHouseDsn", "pydantic.SnowflakeDsn", "pydantic_core.Url",
        ),
        "uri",
    ),
    **dict.fromkeys(
        ("pydantic.PostgresDsn", "pydantic.MongoDsn", "pydantic.NatsDsn", "pydantic_core.MultiHostUrl"),
        "multi-host-uri",
    ),
    **{f"pydantic.UUID{version}": f"uuid{version}" for version in (1, 3, 4, 5, 6, 7, 8)},
    "pydantic.FilePath": "file-path",
    "pydantic.DirectoryPath": "directory-path",
    "pydantic.NewPath": "path",
    "pydantic.SocketPath": "path",
    "pydantic.SecretStr": "password",
    "pydantic.SecretBytes": "password",
    "pydantic.PastDate": "date",
    "pydantic.FutureDate": "date",
    "pydantic.PastDatetime": "date-time",
    "pydantic.FutureDatetime": "date-time",
    "pydantic.AwareDatetime": "date-time",
    "pydantic.NaiveDatetime": "date-time",
    "pydantic.StrictBytes": "binary",
    "pydantic.Base64Bytes": "base64",
    "pydantic.Base64Str": "base64",
    "pydantic.Base64UrlBytes": "base64url",
    "pydantic.Base64UrlStr": "base64url",
    "pydantic.Color": "color",
}  # fmt: skip

_SIMPLE: Final[dict[str, Shape]] = {
    "str": _STRING,
    "int": _INTEGER,
    "float": _NUMBER,
    "bool": _BOOLEAN,
    "None": Primitive("null"),
    "complex": _STRING,
    "object": ANY,
    "typing.Any": ANY,
    "typing.Text": _STRING,
    "typing.AnyStr": AnyOf((Primitive("string", "binary"), _STRING)),
    "pydantic.JsonValue": ANY,
    "pydantic.ImportString": _STRING,
    "pydantic.PaymentCardNumber": _STRING,
    "pydantic.StrictStr": _STRING,
    "pydantic.StrictBool": _BOOLEAN,
    **dict.fromkeys(
        (
            "pydantic.StrictInt", "pydantic.PositiveInt", "pydantic.NegativeInt", "pydantic.NonNegativeInt",
            "pydantic.NonPositiveInt",
        ),
        _INTEGER,
    ),
    **dict.fromkeys(
        (
            "pydantic.StrictFloat", "pydantic.PositiveFloat", "pydantic.NegativeFloat", "pydantic.NonNegativeFloat",
            "pydantic.NonPositiveFloat", "pydantic.FiniteFloat",
        ),
        _NUMBER,
    ),
    **{name: Primitive("string", form) for name, form in _FORMATS.items()},
}  # fmt: skip

_ACCEPTED: Final[dict[str, Shape]] = {
    "decimal.Decimal": AnyOf((_NUMBER, _STRING)),
    "fractions.Fraction": AnyOf((_NUMBER, Primitive("string", "fraction"))),
    "pydantic.ByteSize": AnyOf((_STRING, _INTEGER)),
    "pydantic.Json": _STRING,
    "typing.Hashable": ANY,
    "collections.abc.Hashable": ANY,
}
_WRITTEN: Final[dict[str, Shape]] = {
    "decimal.Decimal": _STRING,
    "fractions.Fraction": Primitive("string", "fraction"),
    "pydantic.ByteSize": _INTEGER,
    "pydantic.Json": ANY,
}

ARRAYS: Final = frozenset(
    {
        "list", "set", "frozenset", "collections.deque", "typing.List", "typing.Set", "typing.FrozenSet",
        "typing.Deque", "typing.AbstractSet", "typing.Sequence", "typing.MutableSequence", "typing.MutableSet",
        "typing.Iterable", "typing.Generator", "collections.abc.Sequence", "collections.abc.MutableSequence",
        "collections.abc.Set", "collections.abc.MutableSet", "collections.abc.Iterable", "collections.abc.Generator",
    }
)  # fmt: skip
"""Generic types that are arrays of their first argument."""

MAPPINGS: Final = frozenset(
    {
        "dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping", "typing.OrderedDict", "typing.DefaultDict",
        "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.OrderedDict",
        "collections.defaultdict", "types.MappingProxyType", "frozendict",
    }
)  # fmt: skip
"""Generic types that are objects with any keys."""

NOT_IN_DOCUMENTS: Final = frozenset(
    {
        "typing.Callable", "collections.abc.Callable", "type", "typing.Type", "pydantic.InstanceOf",
        "pydantic.ImportString", "ellipsis", "...", "typing.NoReturn", "typing.Never",
    }
)  # fmt: skip
"""Types whose values have no place in a document."""

BEHIND_CODE: Final = {
    "pydantic.SerializeAsAny": ("output", "SerializeAsAny writes what a subclass has"),
    "pydantic.SkipValidation": ("input", "SkipValidation takes anything"),
    "pydantic.OnErrorOmit": ("input", "OnErrorOmit leaves out what it does not accept"),
    "pydantic.SkipJsonSchema": ("", "SkipJsonSchema hides it from the schema"),
}
"""Types that are their argument, but for what code does: in which direction (both when empty), and why."""


def simple_shape(name: str, direction: Direction) -> Shape | None:
    """Return the shape of a type without arguments, None when the tables do not have it."""
    special = (_ACCEPTED if direction == "input" else _WRITTEN).get(name)
    return _SIMPLE.get(name) if special is None else special
