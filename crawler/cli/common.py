"""What every command shares: where configuration, data and portal files are, logging, and output as text or JSON."""

from __future__ import annotations

import functools
import gc
import logging
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
import orjson

from crawler.config import Config, find_config, load_config
from crawler.exceptions import UnreadablePageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.portals import Registry
    from crawler.store.folder import DataFolder

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Workplace:
    """The places a command works on; nothing is read before it is asked for."""

    config_path: Path | None = None
    data: Path | None = None
    portals: tuple[Path, ...] = ()
    json: bool = False
    verbosity: int = 0
    _notes: list[str] = field(default_factory=list)

    @cached_property
    def config_file(self) -> Path | None:
        """The configuration file: as given, or the nearest one upwards.

        Raises:
            UsageError: a file was named that does not exist.

        """
        if self.config_path is not None:
            if not self.config_path.is_file():
                raise UsageError(f"{self.config_path}: no such configuration file; `portalwatch init` writes one")
            return self.config_path
        return find_config(Path.cwd())

    @cached_property
    def config(self) -> Config:
        """The configuration."""
        return load_config(self.config_file)

    @cached_property
    def folder(self) -> DataFolder:
        """The data folder: `--data`, PORTALWATCH_DATA, `data/` beside the configuration, or `./data`."""
        from crawler.store.folder import DataFolder  # noqa: PLC0415 - not every command has data

        if self.data is not None:
            return DataFolder(self.data.absolute())
        beside = self.config_file.parent if self.config_file is not None else Path.cwd()
        return DataFolder(beside.absolute() / "data")

    @cached_property
    def registry(self) -> Registry:
        """Every portal: the built-in files, `portals/` beside the configuration, and the folders given.

        Raises:
            UsageError: a folder does not exist.
            ConfigError: a portal file is wrong.

        """
        from crawler.portals import load_portals  # noqa: PLC0415 - not every command needs them

        beside = (self.config_file.parent if self.config_file is not None else Path.cwd()) / "portals"
        folders = [beside] if beside.is_dir() else []
        for folder in self.portals:
            if not folder.is_dir():
                raise UsageError(f"--portals {folder}: no such folder")
            folders.append(folder)
        return load_portals(*folders)

    def database_url(self) -> str:
        """The database to read.

        Raises:
            UsageError: there is no data folder yet.

        """
        if self.config.database is not None:
            return self.config.database
        if not self.folder.path.is_dir():
            raise UsageError(
                f"{self.folder.path}: no such data folder; `portalwatch crawl` makes it, --data names another"
            )
        return self.folder.database_url

    def print_json(self, value: Any) -> None:
        """One JSON value on a line of stdout."""
        write_line(orjson.dumps(value))


def write_line(line: bytes) -> None:
    """A line of data on stdout, in UTF-8 whatever the terminal's locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line if line.endswith(b"\n") else line + b"\n")
    sys.stdout.buffer.flush()


def read_file(name: str) -> bytes:
    """The bytes of a file that a command names, `-` for standard input.

    Raises:
        UsageError: it cannot be read.
        UnreadablePageError: it is empty, or larger than a page may be.

    """
    from crawler.text.page import MAX_PAGE_BYTES  # noqa: PLC0415 - loads the parser

    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_PAGE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_PAGE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_PAGE_BYTES:
        raise UnreadablePageError(f"{name}: larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    if not data.strip():
        raise UnreadablePageError(f"{name}: the file is empty")
    return data


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": record.created,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def _set_up_logging(verbosity: int, form: str) -> None:
    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if form == "json" else logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if verbosity < 2:
        # Every failed request is told by us, once, with what follows from it.
        for name in ("scrapy", "twisted", "apscheduler", "asyncio", "filelock", "alembic"):
            logging.getLogger(name).setLevel(logging.CRITICAL if verbosity < 1 else logging.WARNING)


def common(function: Callable[..., R]) -> Callable[..., R]:
    """Give a command the common options and a `Workplace` as its first argument."""

    @click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        help="configuration file [portalwatch.toml, upwards]",
    )
    @click.option("--data", type=click.Path(path_type=Path), envvar="PORTALWATCH_DATA", help="data folder [data/]")
    @click.option(
        "--portals",
        "portal_folders",
        type=click.Path(path_type=Path),
        multiple=True,
        help="folder of more portal files",
    )
    @click.option("--json", "as_json", is_flag=True, help="machine-readable result")
    @click.option("-v", "--verbose", count=True, help="more on stderr; twice for everything")
    @click.option("-q", "--quiet", is_flag=True, help="errors only on stderr")
    @click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
    @functools.wraps(function)
    def wrapper(
        *args: Any,
        config_path: Path | None,
        data: Path | None,
        portal_folders: tuple[Path, ...],
        as_json: bool,
        verbose: int,
        quiet: bool,
        log_format: str,
        **kwargs: Any,
    ) -> R:
        verbosity = -1 if quiet else verbose
        _set_up_logging(verbosity, log_format)
        place = Workplace(config_path=config_path, data=data, portals=portal_folders, json=as_json, verbosity=verbosity)
        return function(place, *args, **kwargs)

    return wrapper


def run_async(main: Callable[[], Any]) -> Any:
    """Run a coroutine function on uvloop where there is one."""
    import asyncio  # noqa: PLC0415 - commands without a loop do not pay for it

    gc.freeze()  # what was imported stays: it need not be looked through again
    # Trees and rows come and go by reference counts. With Python's own thresholds, looking for cyclic garbage took 12 %
    # of a crawl's CPU; the memory is the same.
    gc.set_threshold(50_000, 20, 100)
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:  # Windows
        return asyncio.run(main())
    return uvloop.run(main())


def is_terminal() -> bool:
    """Whether progress can be drawn."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
