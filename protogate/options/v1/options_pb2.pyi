from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_ENTITY: _ClassVar[Kind]
    KIND_VALUE: _ClassVar[Kind]
    KIND_COMMAND: _ClassVar[Kind]
    KIND_QUERY: _ClassVar[Kind]
    KIND_EVENT: _ClassVar[Kind]
    KIND_REQUEST: _ClassVar[Kind]
    KIND_RESPONSE: _ClassVar[Kind]
    KIND_READ_MODEL: _ClassVar[Kind]

class OnDelete(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_DELETE_UNSPECIFIED: _ClassVar[OnDelete]
    ON_DELETE_RESTRICT: _ClassVar[OnDelete]
    ON_DELETE_CASCADE: _ClassVar[OnDelete]
    ON_DELETE_SET_NULL: _ClassVar[OnDelete]
    ON_DELETE_SET_DEFAULT: _ClassVar[OnDelete]

class NestedMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NESTED_MODE_UNSPECIFIED: _ClassVar[NestedMode]
    NESTED_MODE_CHILD_TABLE: _ClassVar[NestedMode]
    NESTED_MODE_JSON: _ClassVar[NestedMode]
    NESTED_MODE_EMBED: _ClassVar[NestedMode]

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_COMMAND: _ClassVar[Side]
    SIDE_QUERY: _ClassVar[Side]
KIND_UNSPECIFIED: Kind
KIND_ENTITY: Kind
KIND_VALUE: Kind
KIND_COMMAND: Kind
KIND_QUERY: Kind
KIND_EVENT: Kind
KIND_REQUEST: Kind
KIND_RESPONSE: Kind
KIND_READ_MODEL: Kind
ON_DELETE_UNSPECIFIED: OnDelete
ON_DELETE_RESTRICT: OnDelete
ON_DELETE_CASCADE: OnDelete
ON_DELETE_SET_NULL: OnDelete
ON_DELETE_SET_DEFAULT: OnDelete
NESTED_MODE_UNSPECIFIED: NestedMode
NESTED_MODE_CHILD_TABLE: NestedMode
NESTED_MODE_JSON: NestedMode
NESTED_MODE_EMBED: NestedMode
SIDE_UNSPECIFIED: Side
SIDE_COMMAND: Side
SIDE_QUERY: Side
FILE_FIELD_NUMBER: _ClassVar[int]
file: _descriptor.FieldDescriptor
MESSAGE_FIELD_NUMBER: _ClassVar[int]
message: _descriptor.FieldDescriptor
FIELD_FIELD_NUMBER: _ClassVar[int]
field: _descriptor.FieldDescriptor
SERVICE_FIELD_NUMBER: _ClassVar[int]
service: _descriptor.FieldDescriptor
METHOD_FIELD_NUMBER: _ClassVar[int]
method: _descriptor.FieldDescriptor

class FileOptions(_message.Message):
    __slots__ = ("slice", "sql")
    SLICE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    slice: str
    sql: FileSql
    def __init__(self, slice: _Optional[str] = ..., sql: _Optional[_Union[FileSql, _Mapping]] = ...) -> None: ...

class FileSql(_message.Message):
    __slots__ = ("skip", "schema")
    SKIP_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    skip: bool
    schema: str
    def __init__(self, skip: _Optional[bool] = ..., schema: _Optional[str] = ...) -> None: ...

class MessageOptions(_message.Message):
    __slots__ = ("kind", "sql")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    kind: Kind
    sql: MessageSql
    def __init__(self, kind: _Optional[_Union[Kind, str]] = ..., sql: _Optional[_Union[MessageSql, _Mapping]] = ...) -> None: ...

class MessageSql(_message.Message):
    __slots__ = ("skip", "table", "table_name", "schema", "primary_key", "indexes")
    SKIP_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    TABLE_NAME_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    skip: bool
    table: bool
    table_name: str
    schema: str
    primary_key: _containers.RepeatedScalarFieldContainer[str]
    indexes: _containers.RepeatedCompositeFieldContainer[Index]
    def __init__(self, skip: _Optional[bool] = ..., table: _Optional[bool] = ..., table_name: _Optional[str] = ..., schema: _Optional[str] = ..., primary_key: _Optional[_Iterable[str]] = ..., indexes: _Optional[_Iterable[_Union[Index, _Mapping]]] = ...) -> None: ...

class Index(_message.Message):
    __slots__ = ("name", "columns", "unique")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    unique: bool
    def __init__(self, name: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., unique: _Optional[bool] = ...) -> None: ...

class FieldOptions(_message.Message):
    __slots__ = ("sql",)
    SQL_FIELD_NUMBER: _ClassVar[int]
    sql: FieldSql
    def __init__(self, sql: _Optional[_Union[FieldSql, _Mapping]] = ...) -> None: ...

class FieldSql(_message.Message):
    __slots__ = ("skip", "column", "type", "primary_key", "unique", "index", "references", "nested", "default")
    SKIP_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    NESTED_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    skip: bool
    column: str
    type: ColumnType
    primary_key: bool
    unique: bool
    index: bool
    references: References
    nested: NestedMode
    default: str
    def __init__(self, skip: _Optional[bool] = ..., column: _Optional[str] = ..., type: _Optional[_Union[ColumnType, _Mapping]] = ..., primary_key: _Optional[bool] = ..., unique: _Optional[bool] = ..., index: _Optional[bool] = ..., references: _Optional[_Union[References, _Mapping]] = ..., nested: _Optional[_Union[NestedMode, str]] = ..., default: _Optional[str] = ...) -> None: ...

class ColumnType(_message.Message):
    __slots__ = ("any", "sqlite", "postgresql", "mysql")
    ANY_FIELD_NUMBER: _ClassVar[int]
    SQLITE_FIELD_NUMBER: _ClassVar[int]
    POSTGRESQL_FIELD_NUMBER: _ClassVar[int]
    MYSQL_FIELD_NUMBER: _ClassVar[int]
    any: str
    sqlite: str
    postgresql: str
    mysql: str
    def __init__(self, any: _Optional[str] = ..., sqlite: _Optional[str] = ..., postgresql: _Optional[str] = ..., mysql: _Optional[str] = ...) -> None: ...

class References(_message.Message):
    __slots__ = ("message", "table", "column", "on_delete")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    message: str
    table: str
    column: str
    on_delete: OnDelete
    def __init__(self, message: _Optional[str] = ..., table: _Optional[str] = ..., column: _Optional[str] = ..., on_delete: _Optional[_Union[OnDelete, str]] = ...) -> None: ...

class ServiceOptions(_message.Message):
    __slots__ = ("slice", "side")
    SLICE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    slice: str
    side: Side
    def __init__(self, slice: _Optional[str] = ..., side: _Optional[_Union[Side, str]] = ...) -> None: ...

class MethodOptions(_message.Message):
    __slots__ = ("side", "success_status", "emits", "idempotency_key")
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_STATUS_FIELD_NUMBER: _ClassVar[int]
    EMITS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    side: Side
    success_status: int
    emits: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, side: _Optional[_Union[Side, str]] = ..., success_status: _Optional[int] = ..., emits: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...
