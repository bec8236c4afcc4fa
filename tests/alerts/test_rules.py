import json
from typing import Any

import pytest

from crawler.alerts import matches
from crawler.alerts.planner import Planner
from crawler.alerts.rules import takes_notice
from crawler.alerts.story import Supposed
from crawler.store import Notice


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, True),
        ({"targets": ("all",)}, True),
        ({"targets": ("shanxi",)}, True),
        ({"targets": ("山西省人民政府",)}, True),
        ({"targets": ("shanxi/news",)}, True),
        ({"targets": ("shanxi/policy",)}, False),
        ({"targets": ("anhui",)}, False),
        ({"targets": ("anhui", "kind:news")}, True),
        ({"targets": ("kind:policy",)}, False),
        ({"kinds": ("news", "policy")}, True),
        ({"kinds": ("policy",)}, False),
        ({"regions": ("140000",)}, True),
        ({"regions": ("340000",)}, False),
        ({"events": ("revised",)}, False),
        ({"events": ("published",)}, True),
        ({"targets": ("shanxi",), "kinds": ("policy",)}, False),
        ({"targets": ("shanxi",), "kinds": ("news",), "regions": ("140000",), "events": ("published",)}, True),
    ],
)
def test_a_rule_takes_what_it_names(make: Any, fields: dict[str, Any], *, wanted: bool) -> None:
    assert matches(make.rule(**fields), make.event()) is wanted


@pytest.mark.parametrize("kind", ["relinked", "reprocessed"])
def test_what_is_no_news_alerts_nobody(make: Any, kind: str) -> None:
    assert not matches(make.rule(), make.event(kind))


def test_one_of_several_sections_is_enough(make: Any) -> None:
    event = make.event(sections=("news", "headlines"))
    assert matches(make.rule(targets=("shanxi/headlines",)), event)
    assert not matches(make.rule(targets=("anhui/headlines",)), event)


def notice(**changes: Any) -> Notice:
    data = {
        "scope": "section",
        "name": "shanxi/news",
        "portal": "shanxi",
        "portal_name": "山西省人民政府",
        "region": "140000",
        "kinds": ["news"],
        "sections": ["news"],
        **changes,
    }
    return Notice(7, "section.fault", 5.0, alert=True, data=data)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, False),
        ({"events": ("published", "revised")}, False),
        ({"events": ("fault",)}, True),
        ({"events": ("published", "fault")}, True),
        ({"events": ("fault",), "targets": ("all",)}, True),
        ({"events": ("fault",), "targets": ("shanxi",)}, True),
        ({"events": ("fault",), "targets": ("shanxi/news",)}, True),
        ({"events": ("fault",), "targets": ("shanxi/policy",)}, False),
        ({"events": ("fault",), "targets": ("anhui", "kind:news")}, True),
        ({"events": ("fault",), "kinds": ("policy",)}, False),
        ({"events": ("fault",), "regions": ("340000",)}, False),
        ({"events": ("fault",), "must": ("电动",)}, True),
    ],
)
def test_faults_go_to_the_rules_that_name_them(make: Any, fields: dict[str, Any], *, wanted: bool) -> None:
    assert takes_notice(make.rule(**fields), notice()) is wanted


def test_that_the_watch_is_offline_concerns_every_rule_for_faults(make: Any) -> None:
    offline = notice(scope="watch", portal=None, region=None, kinds=[], sections=[])
    assert takes_notice(make.rule(events=("fault",), targets=("shanxi",)), offline)
    assert not takes_notice(make.rule(), offline)


def test_a_fault_is_delivered_once_a_channel_with_its_verdict(make: Any) -> None:
    planner = Planner([make.rule(events=("fault",)), make.rule(name="news")])
    (planned,) = planner(notice(verdict="blocked"), Supposed())
    body = json.loads(planned.body)
    assert (body["type"], body["timestamp"]) == ("section.fault", "1970-01-01T00:00:05Z")
    assert body["data"]["verdict"] == "blocked"
    assert planned.webhook_id.startswith("evt_7_")
    assert planner(notice(verdict="blocked"), Supposed()) == [planned]
