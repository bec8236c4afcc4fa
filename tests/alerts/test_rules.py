from typing import Any

import pytest

from crawler.alerts import matches


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
