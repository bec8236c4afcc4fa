"""Rules, deliveries, signed webhooks and messages: what happens to an event after it was stored."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.alerts.commands import Previewed, Retried, Tried, list_held, list_open, preview, retry, send_test
    from crawler.alerts.delivery import Deliverer, Outcome
    from crawler.alerts.rules import matches, matches_target

__all__ = [
    "Deliverer",
    "Outcome",
    "Previewed",
    "Retried",
    "Tried",
    "list_held",
    "list_open",
    "matches",
    "matches_target",
    "preview",
    "retry",
    "send_test",
]

_COMMANDS = ("Previewed", "Retried", "Tried", "list_held", "list_open", "preview", "retry", "send_test")
_WHERE = {
    **dict.fromkeys(_COMMANDS, "commands"),
    **dict.fromkeys(("Deliverer", "Outcome"), "delivery"),
    **dict.fromkeys(("matches", "matches_target"), "rules"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: the courier's process needs none of them."""
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"crawler.alerts.{_WHERE[name]}"), name)
