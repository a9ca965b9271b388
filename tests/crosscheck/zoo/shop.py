"""Models as services write them: across modules, nested, discriminated."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Optional, Union

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PrivateAttr,
    RootModel,
    computed_field,
    field_serializer,
    field_validator,
    model_validator,
)

from tests.crosscheck.zoo import bases
from tests.crosscheck.zoo.bases import Camel, Color, Page, Pair, Pascal, Priority, Text, Timestamps


class Money(BaseModel):
    amount: Decimal
    currency: Literal["EUR", "USD"] = "EUR"


class Item(Camel):
    item_id: uuid.UUID
    display_name: Text
    unit_price: Money
    tags: frozenset[str] = frozenset()
    size: tuple[int, int] | None = None
    links: Mapping[str, HttpUrl] = Field(default_factory=dict)
    priority: Priority = "info"


class Ordered(Item, Timestamps):
    kinds: ClassVar[tuple[str, ...]] = ("a", "b")
    order_no: int = Field(alias="No")
    _cache: dict[str, str] = PrivateAttr(default_factory=dict)

    @computed_field  # type: ignore[prop-decorator]  # as pydantic has it
    @property
    def is_new(self) -> bool:
        return self.updated_at is None


class Customer(Pascal):
    first_name: str
    e_mail: Annotated[str | None, Field(alias="mail")] = None
    color: bases.Color | Literal["none"] = "none"
    notices: Sequence[bases.Notice] = ()


class Card(BaseModel):
    method: Literal["card"] = "card"
    number: str = Field(validation_alias=AliasChoices("number", "pan", AliasPath("card", 0)))


class Transfer(BaseModel):
    method: Literal["transfer"]
    iban: str = Field(serialization_alias="IBAN")


Payment = Annotated[Union[Card, Transfer], Field(discriminator="method")]


class Order(Camel):
    customer: Customer
    payment_of: Payment
    alternatives: list[Payment] | None = None
    lines: list[Ordered]
    parent: Optional["Order"] = None
    by_color: dict[Color, int] = Field(default_factory=dict)

    @field_validator("lines", mode="after")
    @classmethod
    def check_lines(cls, value: list[Ordered]) -> list[Ordered]:
        return value

    @model_validator(mode="after")
    def check_order(self) -> Order:
        return self


class Orders(RootModel[list[Order]]):
    pass


class OrderPage(Page[Order]):
    total: int


class Lookup(BaseModel):
    orders: Page[Order]
    names: Pair[str, Item]
    levels: Pair[Literal["x", "y"], int]


class Tree(BaseModel):
    name: str
    children: list[Tree] = Field(default_factory=list)
    index: dict[str, Tree] | None = None


class Exported(BaseModel):
    model_config = ConfigDict(extra="allow", use_enum_values=True)

    color: Color
    amount: Decimal = Decimal(0)
    hidden: str = Field(default="", exclude=True)

    @field_serializer("amount")
    def write_amount(self, value: Decimal) -> str:
        return str(value)


class Outer(BaseModel):
    class Inner(BaseModel):
        kind: Literal["a", "b"]

    inner: Inner
    many: list["Outer.Inner"] = Field(default_factory=list)
