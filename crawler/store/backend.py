"""How operations reach a database: plain functions over a connection, each run in a transaction.

A brief one touches a few rows by their keys, takes a millisecond or two at most, and is asked for often: where the
database is a file, it is run on the event loop, since waking a thread would cost more than it does. All others, and
every wait for a lock or a disk's flush, are a thread's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")


class Backend(Protocol):
    """One database. Every error of it is raised as StorageError; what an operation itself raises passes through."""

    async def write(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation in a transaction; returns when it has been committed, raises when nothing of it has."""
        ...

    async def write_brief(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`write` for a brief operation."""
        ...

    async def read(self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation that only reads, in one snapshot of what has been committed."""
        ...

    async def read_brief(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`read` for a brief operation."""
        ...

    async def close(self) -> None:
        """Finish what was handed over, then let go of the database."""
        ...
