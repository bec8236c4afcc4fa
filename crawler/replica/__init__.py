"""A local portal server for the demo, the tests and the benchmarks; it knows nothing of the rest of the package.

    async with Replica(seed=1, articles=200) as replica:
        replica.write_portals(folder)
        article = replica.portal("trs").section("news").publish(title="…", paragraphs="…")
        article.edit(title="…")
        replica.portal("trs").section("policy").switch(fail_share=0.02)
        replica.ledger.articles("trs", "news")

It serves three portals unless told otherwise. `Replica(plans=family_plans("igs", "jpaas"))` serves a portal for each
of those families of list interfaces instead, one without names for every family of `crawler.replica.families`.

As a process: `python -m crawler.replica --articles 200 --portals-dir portals`; `ReplicaProcess` starts and drives it.
"""

from crawler.replica.ledger import Event, Ledger, Line
from crawler.replica.models import Attachment, Policy, Post, Province
from crawler.replica.plans import family_plans, many_plans
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
    "family_plans",
    "many_plans",
]
