"""Errors that reach a user as one line and an exit status of the contract."""

from __future__ import annotations


class PortalwatchError(Exception):
    """Base of every error that is shown as one line, without a traceback; `exit_status` is the process's."""

    exit_status = 1


class UsageError(PortalwatchError):
    """A command, configuration or portal file is wrong; the line names file, line or key and what would be right."""

    exit_status = 2


class ConfigError(UsageError):
    """A configuration or portal file does not say what it must."""


class StorageError(PortalwatchError):
    """The disk or the database refused; nothing known is lost and the command is safe to repeat.

    `lasting` says that waiting does not help: the database is damaged, or is none.
    """

    exit_status = 3

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class NotKeptError(StorageError):
    """The bytes of an answer are not in this folder, or damaged there; everything else goes on."""


class UnreadablePageError(PortalwatchError):
    """Bytes that hold no page: empty, binary, or larger than the limit."""


class NoArticleError(PortalwatchError):
    """A page that was read but holds no article (a list, a block page, an error page)."""


class FetchError(PortalwatchError):
    """A request that brought no usable page; `reason` is a short machine-readable word such as `http-503`."""

    def __init__(self, message: str, *, reason: str, retry_after: float | None = None) -> None:
        """Keep the reason, and the seconds the server asked to wait, if it did."""
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after
