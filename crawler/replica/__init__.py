"""A local portal server for the demo, the tests and the benchmarks; it knows nothing of the rest of the package."""

from crawler.replica.ledger import Event, Ledger, Line
from crawler.replica.models import Attachment, Policy, Post, Province
from crawler.replica.portal import Plan, Portal
from crawler.replica.process import ReceiverProcess, ReplicaProcess
from crawler.replica.replica import Replica
from crawler.replica.state import Article, Section
from crawler.replica.switches import Switches

__all__ = [
    "Article",
    "Attachment",
    "Event",
    "Ledger",
    "Line",
    "Plan",
    "Policy",
    "Portal",
    "Post",
    "Province",
    "ReceiverProcess",
    "Replica",
    "ReplicaProcess",
    "Section",
    "Switches",
]
