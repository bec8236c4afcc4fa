"""Which portals a replica serves."""

from pathlib import Path

import pytest

from crawler.portals import load_portals
from crawler.replica import Replica, many_plans


async def test_so_many_sections_are_spread_over_portals_of_several_makes(tmp_path: Path) -> None:
    plans = many_plans(8, per_portal=3, makes=("trs", "hanweb", "json"))
    assert [(plan.id, plan.cms, len(plan.sections)) for plan in plans] == [
        ("p0", "trs", 3),
        ("p1", "hanweb", 3),
        ("p2", "json", 2),
    ]
    async with Replica(plans=plans, articles=20) as replica:
        assert len({portal.host for portal in replica.portals}) == 3
        counts = [section.count() for portal in replica.portals for section in portal.sections.values()]
        assert counts == [3, 3, 3, 3, 2, 2, 2, 2]
        replica.write_portals(tmp_path)
        assert len(load_portals(tmp_path).resolve("all")) >= 8
    with pytest.raises(KeyError, match="cobol"):
        many_plans(1, makes=("cobol",))
