"""The store: one database behind nouns, opened by URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from types import TracebackType

    from crawler.store.articles import ArticleStore
    from crawler.store.attachments import AttachmentStore
    from crawler.store.backend import Backend
    from crawler.store.backfills import BackfillStore
    from crawler.store.deliveries import DeliveryStore
    from crawler.store.events import EventStore
    from crawler.store.faults import FaultStore
    from crawler.store.jobs import JobStore
    from crawler.store.ledger import LedgerStore
    from crawler.store.raw import RawStore
    from crawler.store.rawpacks import Packs
    from crawler.store.rereading import RereadingStore
    from crawler.store.runs import RunStore
    from crawler.store.sections import SectionStore
    from crawler.store.sinks import SinkStore
    from crawler.store.validators import ValidatorStore


_LONGEST_TIMEOUT = 3600.0  # seconds


class Store:
    """The database, by what it keeps. Made by `open`; every method of its parts may raise StorageError."""

    sections: SectionStore
    ledger: LedgerStore
    backfills: BackfillStore
    attachments: AttachmentStore
    articles: ArticleStore
    events: EventStore
    faults: FaultStore
    sinks: SinkStore
    deliveries: DeliveryStore
    runs: RunStore
    jobs: JobStore
    validators: ValidatorStore
    raw: RawStore
    rereading: RereadingStore

    def __init__(self, backend: Backend, packs: Packs | None = None) -> None:
        # Imported here: SQLAlchemy costs 0.2 s and 25 MB, which commands without a database need not pay.
        from crawler.store.articles import ArticleStore  # noqa: PLC0415
        from crawler.store.attachments import AttachmentStore  # noqa: PLC0415
        from crawler.store.backfills import BackfillStore  # noqa: PLC0415
        from crawler.store.deliveries import DeliveryStore  # noqa: PLC0415
        from crawler.store.events import EventStore  # noqa: PLC0415
        from crawler.store.faults import FaultStore  # noqa: PLC0415
        from crawler.store.jobs import JobStore  # noqa: PLC0415
        from crawler.store.ledger import LedgerStore  # noqa: PLC0415
        from crawler.store.raw import RawStore  # noqa: PLC0415
        from crawler.store.rereading import RereadingStore  # noqa: PLC0415
        from crawler.store.runs import RunStore  # noqa: PLC0415
        from crawler.store.sections import SectionStore  # noqa: PLC0415
        from crawler.store.sinks import SinkStore  # noqa: PLC0415
        from crawler.store.validators import ValidatorStore  # noqa: PLC0415

        self._backend = backend
        self._packs = packs
        self.sections = SectionStore(backend)
        self.ledger = LedgerStore(backend)
        self.backfills = BackfillStore(backend)
        self.attachments = AttachmentStore(backend)
        self.articles = ArticleStore(backend, packs)
        self.events = EventStore(backend)
        self.faults = FaultStore(backend)
        self.sinks = SinkStore(backend)
        self.deliveries = DeliveryStore(backend)
        self.runs = RunStore(backend)
        self.jobs = JobStore(backend)
        self.validators = ValidatorStore(backend)
        self.raw = RawStore(backend, packs)
        self.rereading = RereadingStore(backend)

    @classmethod
    async def open(
        cls, url: str, *, read_only: bool = False, raw: Path | None = None, retention: float | None = None
    ) -> Store:
        """Open `sqlite:///PATH` or `postgresql://…`, and bring its schema up to date unless it is only to be read.

        `raw` is the folder of raw responses; without it none are kept or read. `retention` is in seconds, None keeps
        them for ever.

        `?timeout=SECONDS` on a SQLite URL says how long to wait for another process that writes (10).

        Raises:
            StorageError: the database is missing (when only to be read), locked, damaged or made by a newer version.
            ConfigError: the URL is neither.
            UsageError: the extra for PostgreSQL is not installed.

        """
        from sqlalchemy import make_url  # noqa: PLC0415 - see __init__
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise ConfigError(
                "database: not a database URL: write sqlite:///PATH or postgresql://USER@HOST/NAME"
            ) from error
        kind = parsed.drivername.partition("+")[0]
        packs = None
        if raw is not None:
            from crawler.store.rawpacks import Packs  # noqa: PLC0415

            packs = Packs(raw, retention=retention)
        before_commit = packs.sync if packs is not None and not read_only else None
        if kind == "sqlite":
            from crawler.store.sqlite import BUSY_TIMEOUT, SqliteDatabase  # noqa: PLC0415

            if not parsed.database or parsed.database == ":memory:":
                raise ConfigError("database: a SQLite database needs a file: write sqlite:///PATH")
            try:
                timeout = float(str(parsed.query.get("timeout", BUSY_TIMEOUT)))
            except ValueError:
                timeout = -1.0
            if not 0 <= timeout <= _LONGEST_TIMEOUT:
                raise ConfigError(f"database: timeout must be a number of seconds, 0 to {_LONGEST_TIMEOUT:.0f}")
            database = SqliteDatabase(
                Path(parsed.database), read_only=read_only, timeout=timeout, before_commit=before_commit
            )
            await database.open()
            return cls(database, packs)
        if kind in {"postgresql", "postgres"}:
            from crawler.store.postgres import PostgresDatabase  # noqa: PLC0415

            server = PostgresDatabase(parsed, read_only=read_only)
            await server.open()
            return cls(server, packs)
        raise ConfigError(f"database: {kind} is not supported: write sqlite:///PATH or postgresql://USER@HOST/NAME")

    async def close(self) -> None:
        """Commit what was handed over, then close; safe to call twice."""
        await self._backend.close()
        if self._packs is not None:
            self._packs.close()

    async def __aenter__(self) -> Self:
        """The store itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()
