"""The families of list interfaces, each an entry of facts: parameters, ids, times, what comes past the end.

`crawler.replica.plans.family_plans` makes portals of them; none is served unless asked for.
"""

from __future__ import annotations

from typing import Final

from crawler.replica.families import feeds, guangdong, hanweb, provinces, trs, ucap
from crawler.replica.families.family import Answer, Asked, Family, PastEnd, Row, Times, flat_body

INTERFACES: Final[dict[str, Family]] = {
    family.id: family for module in (trs, hanweb, ucap, guangdong, provinces, feeds) for family in module.FAMILIES
}
"""By id; its portal is `replica-<id>`."""

__all__ = ["INTERFACES", "Answer", "Asked", "Family", "PastEnd", "Row", "Times", "flat_body"]
