"""Rules, deliveries and signed webhooks: what happens to an event after it was stored."""

from __future__ import annotations

from crawler.alerts.commands import Previewed, Retried, Tried, list_open, preview, retry, send_test
from crawler.alerts.delivery import Deliverer, Outcome
from crawler.alerts.rules import matches, matches_target

__all__ = [
    "Deliverer",
    "Outcome",
    "Previewed",
    "Retried",
    "Tried",
    "list_open",
    "matches",
    "matches_target",
    "preview",
    "retry",
    "send_test",
]
