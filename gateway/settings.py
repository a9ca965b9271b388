"""Settings of the gateway: flags win over the environment (`PROTOGATE_GATEWAY_*`), and it over the defaults here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from protogate.errors import UserError

__all__ = ["PREFIX", "Settings", "read_settings"]

PREFIX: Final = "PROTOGATE_GATEWAY_"
_Words = Annotated[tuple[str, ...], NoDecode]
"""Words between commas."""
_MEBIBYTE: Final = 1 << 20


class Settings(BaseSettings):
    """Everything that can be set; the name of a setting in upper case, behind the prefix, is its variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="0 takes a free one")
    data_dir: Path = Field(Path(".protogate/gateway"), description="everything that the gateway keeps stands in here")
    db: str = Field(
        "", description="the event store: a SQLite file, postgresql://... or nats://...; default: events.db in the data"
    )
    workers: int = Field(1, ge=1, le=64, description="processes that share the port")
    token_file: Path | None = Field(None, description="a file of API tokens, one a line: TOKEN [NAME [SCOPE...]]")
    token: str = Field("", description="one API token that may do everything")
    jwt_key_file: Path | None = Field(None, description="a file with the PEM key, JWKS or secret that signs JWTs")
    jwt_algorithms: _Words = Field((), description="that JWTs may be signed with; default: what suits the key")
    jwt_issuer: str = Field("", description="what `iss` of a JWT must be")
    jwt_audience: str = Field("", description="what `aud` of a JWT must be")
    allowed_hosts: _Words = Field(
        (), description="names under which browsers reach the gateway; default: any with tokens"
    )
    cors_origins: _Words = Field((), description="origins whose pages may call the gateway; default: none")
    insecure: bool = Field(default=False, description="listen beyond the loopback without tokens")
    max_body: int = Field(2, ge=1, le=1024, description="MiB that a request may have")
    drain: float = Field(1.0, ge=0, le=60, description="seconds between SIGTERM, when /readyz turns 503, and the end")
    heartbeat: float = Field(15.0, gt=0, le=300, description="seconds after which a silent event stream says something")
    min_position_wait: float = Field(5.0, ge=0, le=60, description="seconds that a query waits for X-Min-Position")
    max_lag: float = Field(
        900.0, gt=0, description="seconds that the legacy database may be behind before /readyz is 503"
    )
    registry: str = Field(
        "", description="the schema registry in which contracts must be; default: the project's, if any"
    )
    contracts: Path | None = Field(None, description="the folder of the contracts; default: the project's, or our own")
    legacy_url: str = Field("", description="where the legacy application answers what is not delegated")
    legacy_host: str = Field(
        "caller", description="the Host it gets: `caller`, `legacy` for that of its URL, or a name"
    )
    legacy_connect_timeout: float = Field(5.0, gt=0, le=300, description="seconds for a connection to it")
    legacy_read_timeout: float = Field(60.0, gt=0, le=86_400, description="seconds that it may be silent")
    legacy_connections: int = Field(512, ge=1, le=65_536, description="connections to it at the same time")
    legacy_max_body: int = Field(0, ge=0, le=65_536, description="MiB that a request to it may have; 0 for any number")
    legacy_trust_forwarded: bool = Field(
        default=False, description="believe X-Forwarded-* of callers: a proxy of yours stands before the gateway"
    )
    parity_ratio: float = Field(0.995, ge=0, le=1, description="of answers that must agree before a slice is cut over")
    parity_count: int = Field(100, ge=1, description="of answers that must be compared before a slice is cut over")
    legacy_db: str = Field("", description="the legacy database, a SQLAlchemy URL; default: legacy.db in the data")
    access_log: bool = Field(default=False, description="a line a request")
    log_json: bool = Field(default=False, description="log lines as JSON")

    @field_validator("jwt_algorithms", "allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - before it is read
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @property
    def database(self) -> str:
        """The event store's file or URL."""
        return self.db or str(self.data_dir / "events.db")

    @property
    def body_limit(self) -> int:
        """Bytes that a request may have."""
        return self.max_body * _MEBIBYTE


def read_settings(**flags: Any) -> Settings:  # noqa: ANN401 - as the command line gives them
    """Read the environment; flags that are None were not given.

    Raises:
        UserError: a value that is not possible.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        shown = f"--{name.replace('_', '-')}" if name in given else f"{PREFIX}{name.upper()}"
        raise UserError(f"{shown}: {first['msg'].lower()}: {str(first['input'])!r}; see --help") from None
