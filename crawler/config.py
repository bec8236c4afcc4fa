"""The configuration: `portalwatch.toml`, environment variables over it, validated.

`PORTALWATCH_SECTION__KEY` overrides any key. Secrets are given as `env:NAME` or `file:PATH` and are read only where
used.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crawler.exceptions import ConfigError

FILE_NAME = "portalwatch.toml"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([smhd]?)\s*$", re.ASCII)


def parse_duration(value: object) -> float:
    """Seconds of `90`, `"90"` (as the environment gives it), `"30s"`, `"10m"`, `"8h"`, `"7d"`.

    Raises:
        ValueError: the value is none of these.

    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _DURATION.match(str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a duration: write for example 30s, 10m, 8h or 7d")
    return float(match[1]) * _UNITS[match[2] or "s"]


Duration = Annotated[float, BeforeValidator(parse_duration), Field(ge=0)]


_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")
_CRON_FIELDS = 5


def _hours(value: str) -> str:
    match = _HOURS.match(value)
    if match is None or match[1] + match[2] == match[3] + match[4] or match[3] + match[4] > "2400":
        raise ValueError(f"{value!r} is no span of hours: write for example 07:30-22:00")
    return value


def _cron(value: str | None) -> str | None:
    if value is not None and len(value.split()) != _CRON_FIELDS:
        raise ValueError(f"{value!r} has not the five fields minute hour day month weekday: write 0 8-18 * * mon-fri")
    return value


def _budget(value: object) -> object:
    """Keep a number of polls a day as it is; a duration is only checked."""
    if isinstance(value, str):
        if value.strip().isdigit():
            return int(value)
        if parse_duration(value) <= 0:
            raise ValueError("an average interval of nothing: write for example 30m, or a number of polls a day")
    return value


Budget = Annotated[Annotated[int, Field(ge=1)] | str, BeforeValidator(_budget)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(_Strict):
    """Where records go besides the database."""

    rotate: Literal["none", "day", "month"] = "none"
    reprints: bool = False


class Watch(_Strict):
    """What `watch` polls, and how often.

    By default polls go where and when something is likely to be new, within `budget`: an average interval a section
    such as `"30m"`, or a number of polls a day of all sections together. `every` is a fixed interval instead, `cron`
    five fields in Asia/Shanghai. Whatever decides, polls keep inside `windows`, outside `blackout` (such as
    `"02:00-04:00"`), and on working days if `working_days`. `heartbeat_url` is asked every `heartbeat_every` seconds
    while all is well with the watch itself. `runs` is how many run records are kept a section.
    """

    targets: tuple[str, ...] = ("all",)
    budget: Budget = "30m"
    every: Duration | None = None
    cron: Annotated[str | None, AfterValidator(_cron)] = None
    working_days: bool = False
    windows: tuple[Annotated[str, AfterValidator(_hours)], ...] = ()
    blackout: tuple[Annotated[str, AfterValidator(_hours)], ...] = ()
    job_timeout: Duration = 1800.0
    hang_timeout: Duration = 300.0
    heartbeat_url: HttpUrl | None = None
    heartbeat_every: Annotated[Duration, Field(ge=1)] = 60.0
    runs: Annotated[int, Field(ge=100, le=100_000)] = 2000

    @model_validator(mode="after")
    def _one_schedule(self) -> Watch:
        if self.every is not None and self.cron is not None:
            raise ValueError("give every or cron, not both: each says alone when sections are polled")
        return self


class Politeness(_Strict):
    """Seconds between two requests to a host, requests under way at once, and who we say we are."""

    delay: Duration = 2.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    timeout: Duration = 60.0
    contact: str | None = None
    robots: bool = True


class Revisit(_Strict):
    """Ages after first sight at which an article is visited again; at most `per_poll` visits a section and poll."""

    ages: tuple[Duration, ...] = (3600.0, 21600.0, 86400.0, 259200.0, 604800.0, 2592000.0)
    per_poll: Annotated[int, Field(ge=0, le=1000)] = 10


class Retention(_Strict):
    """How long raw responses are kept; by default for ever. What was read from them is never removed."""

    raw: Annotated[Duration, Field(ge=86_400)] | None = None


class Attachments(_Strict):
    """Bounds of `backfill --attachments`: of one file, of the files of one article, and of all files kept."""

    max_megabytes: Annotated[float, Field(gt=0, le=1000)] = 20.0
    max_per_article: Annotated[int, Field(ge=1, le=1000)] = 50
    max_total_gigabytes: Annotated[float, Field(gt=0)] = 50.0


class Channel(_Strict):
    """A receiver of alerts.

    A `webhook` has an https URL and a secret: the `whsec_` value, several while rotating. An `apprise` channel has the
    URL of a service as apprise knows it, or of a robot as DingTalk, Feishu or WeCom show it. URLs, secrets and proxies
    may be `env:NAME` or `file:PATH`. With `ordered` nothing overtakes a delivery that is to be tried again.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    type: Literal["webhook", "apprise"] = "webhook"
    url: SecretStr
    secrets: tuple[SecretStr, ...] = Field(default=(), alias="secret")
    ordered: bool = False
    proxy: SecretStr | None = None
    allow_private: bool = False
    allow_http: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_or_several_secrets(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("secret"), str):
            return {**data, "secret": (data["secret"],)}
        return data

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Channel:
        if self.type == "webhook" and not self.secrets:
            raise ValueError("secret: at least one is needed; whsec_ and base64 of 24 to 64 random bytes, or env:NAME")
        return self


class Rule(_Strict):
    """Which events go to which channels; empty lists match everything.

    `must`, `any` and `not` are words looked for in title, body, document number and issuer: all of `must`, one of
    `any`, none of `not`; `/…/` is a regular expression. Alerts of the hours of `quiet`, such as `22:00-07:00`, wait for
    their end. With `digest` alerts wait for the next full hour, or for `digest_at` of the day, and go out as one. Hours
    are those of `timezone`. `fault` in `events` stands for what goes wrong with sections, portals and our own network,
    and its end.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    channels: tuple[str, ...] = Field(min_length=1)
    targets: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = Field(default=(), alias="not")
    quiet: str | None = None
    digest: Literal["hourly", "daily"] | None = None
    digest_at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:00"
    timezone: str = "Asia/Shanghai"
    events: tuple[Literal["published", "revised", "withdrawn", "fault"], ...] = ("published", "revised", "withdrawn")
    reprints: bool = False


_PROXY = re.compile(r"(?:https?://|env:|file:)\S+")


def check_proxy(value: str) -> str:
    """A proxy's address, or where it stands.

    Raises:
        ValueError: it is neither; the value may hold a password and is not repeated.

    """
    if not _PROXY.fullmatch(value):
        raise ValueError("is not a proxy: write http://host:port, env:NAME or file:PATH")
    return value


def _check_secret_proxy(value: SecretStr) -> SecretStr:
    check_proxy(value.get_secret_value())
    return value


class Config(BaseSettings):
    """The whole configuration with every default."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="PORTALWATCH_", env_nested_delimiter="__", populate_by_name=True
    )
    environment_only: ClassVar[frozenset[str]] = frozenset({"PORTALWATCH_DATA"})

    database: str | None = None
    proxy: Annotated[SecretStr, AfterValidator(_check_secret_proxy)] | None = None
    output: Output = Output()
    watch: Watch = Watch()
    politeness: Politeness = Politeness()
    revisit: Revisit = Revisit()
    attachments: Attachments = Attachments()
    retention: Retention = Retention()
    rules: tuple[Rule, ...] = Field(default=(), alias="rule")
    channels: tuple[Channel, ...] = Field(default=(), alias="channel")

    def proxy_url(self) -> str | None:
        """The address of the proxy for every portal, read from `env:NAME` or `file:PATH` where it is given so.

        Raises:
            ConfigError: the variable is not set or the file cannot be read.

        """
        return None if self.proxy is None else read_secret(self.proxy)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment variables win over the file, which is passed as the initial values."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @model_validator(mode="after")
    def _rules_name_channels(self) -> Config:
        known = {channel.name for channel in self.channels}
        for kind, names in (("channel", [c.name for c in self.channels]), ("rule", [r.name for r in self.rules])):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"{kind} name used twice: {', '.join(sorted(twice))}; give each {kind} its own name")
        for rule in self.rules:
            unknown = sorted(set(rule.channels) - known)
            if unknown:
                listed = ", ".join(sorted(known)) or "none"
                raise ValueError(f"rule {rule.name!r} names the unknown channel {unknown[0]!r}; known: {listed}")
        return self


def find_config(start: Path) -> Path | None:
    """The nearest `portalwatch.toml` in a folder or one of its parents."""
    for folder in (start, *start.parents):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def explain(error: ValidationError) -> str:
    """The first problem of a pydantic error as `key: what is wrong`."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "file"
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown key"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"


def load_config(path: Path | None) -> Config:
    """Read a configuration file, or the defaults (and the environment) where there is none.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a key is unknown or wrong; the message names it.

    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: is not TOML: {error}") from error
    try:
        return Config(**values)
    except ValidationError as error:
        raise ConfigError(f"{path or 'environment'}: {explain(error)}") from error


def read_secret(value: SecretStr) -> str:
    """The secret itself, from `env:NAME`, `file:PATH` or the literal value.

    Raises:
        ConfigError: the variable is not set or the file cannot be read; the message never holds the secret.

    """
    given = value.get_secret_value()
    if given.startswith("env:"):
        name = given.removeprefix("env:")
        found = os.environ.get(name)
        if not found:
            raise ConfigError(f"secret env:{name}: the environment variable is not set")
        return found
    if given.startswith("file:"):
        path = Path(given.removeprefix("file:")).expanduser()
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"secret file:{path}: cannot be read") from error
    return given
