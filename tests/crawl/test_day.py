"""A day of a newsroom on the replica: edits and withdrawals are reported exactly, furniture and outages never.

PORTALWATCH_DAYS=20 runs so many days, each with other articles at other times.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from crawler.replica.models import Attachment
from crawler.text.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.replica.state import Article
    from tests.crawl.conftest import Bench, MakeBench

TARGETS = ("replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-json/yaowen")
DAYS = int(os.environ.get("PORTALWATCH_DAYS", "1"))
EDITS, FURNITURE, WITHDRAWALS, POSTS = 30, 20, 10, 12
HOUR = 3600.0
STEP = HOUR / 2
HOURS = 28
"""Articles are visited an hour, six hours and a day after first sight; what is gone is asked for again an hour on."""
WAYS_OUT: tuple[tuple[Any, bool], ...] = (
    ("404", True),
    ("410", True),
    ("redirect", True),
    ("emptied", True),
    ("404", False),
)


def edit(article: Article, number: int) -> None:
    """What editors change, one thing at a time."""
    post = article.post
    ways: tuple[dict[str, Any], ...] = (
        {"title": f"{post.headline}（更新）"},
        {"source": "修订后的来源"},
        {"paragraphs": (*post.paragraphs[:-1], post.paragraphs[-1] + f"现予更正，原第{number}项不再执行。")},
        {"paragraphs": (f"此处新增一段，说明第{number}次修订的缘由和范围。", *post.paragraphs)},
        {"attachments": (*post.attachments, Attachment(name=f"补充材料{number}.pdf"))},
        {},
    )
    article.edit(**ways[number % len(ways)])


def outages(bench: Bench) -> list[tuple[float, float, Callable[[], None], Callable[[], None]]]:
    """Five, at hours when visits are due: from, to, how it begins and how it ends."""
    trs, hanweb, json = (bench.replica.portal(name) for name in ("trs", "hanweb", "json"))
    folder = trs.section("news").path
    articles = f"{folder}20"  # below the folder of the list lie those of the months
    return [
        (1.0, 2.0, lambda: trs.switch(status=503), trs.heal),
        (2.5, 4.5, lambda: trs.switch(path=articles, status=404), trs.heal),
        (6.0, 8.0, lambda: hanweb.switch(down=True), lambda: heal(hanweb)),
        (6.5, 9.0, lambda: trs.switch(path=articles, redirect=trs.base + "/"), trs.heal),
        (24.0, 25.0, lambda: json.switch(block="page"), lambda: heal(json)),
    ]


def heal(portal: Any) -> None:
    portal.heal()
    dress(portal)


def dress(portal: Any) -> None:
    """One portal answers what is not there with 200, another one sends no validators."""
    if portal.id.endswith("hanweb"):
        portal.switch(soft_404=True)
    if portal.id.endswith("json"):
        portal.switch(validators="none")


@pytest.mark.parametrize("seed", range(DAYS))
async def test_a_day_of_edits_furniture_withdrawals_and_outages(make_bench: MakeBench, seed: int) -> None:
    bench: Bench = await make_bench(
        articles={"trs/news": 40, "trs/policy": 16, "hanweb/news": 30, "json/yaowen": 24}, page_sizes=(3000,)
    )
    portals = [bench.replica.portal(name) for name in ("trs", "hanweb", "json")]
    for portal in portals:
        dress(portal)
    for target in TARGETS:
        assert (await bench.poll(target, max_pages=20)).failed == 0
    articles = [article for portal in portals for article in portal.articles if article.sections[0] in _SECTIONS]
    start, seen = bench.now, len(await bench.events())
    assert seen == len(articles)

    dice = random.Random(seed)
    chosen = dice.sample(articles, EDITS + FURNITURE + WITHDRAWALS)
    edited, dressed = chosen[:EDITS], chosen[EDITS : EDITS + FURNITURE]
    withdrawn = chosen[EDITS + FURNITURE :]
    todo: list[tuple[float, Callable[[], Any]]] = []
    for number, article in enumerate(edited):
        todo.append((dice.uniform(0, 23.5), partial(edit, article, number)))
    todo += [(dice.uniform(0, 23.5), article.redress) for article in dressed]
    for number, article in enumerate(withdrawn):
        how, delist = WAYS_OUT[number % len(WAYS_OUT)]
        todo.append((dice.uniform(0, 23.5), partial(article.withdraw, how, delist=delist)))
    for _ in range(POSTS):
        todo.append((dice.uniform(0, 27.0), lambda: portals[0].publish("news")))
    for begins, ends, begin, end in outages(bench):
        todo += [(begins, begin), (ends, end)]
    todo.sort(key=lambda one: one[0])

    while bench.now < start + HOURS * HOUR:
        bench.now += STEP
        while todo and start + todo[0][0] * HOUR <= bench.now:
            todo.pop(0)[1]()
        for target in TARGETS:
            await bench.poll(target, patient=True)
    assert not todo

    events = (await bench.events())[seen:]
    found = {type_: [e.record.canonical_url for e in events if e.type == type_] for type_ in ("revised", "withdrawn")}
    assert Counter(found["revised"]) == Counter(canonical_url(article.url) for article in edited)
    assert Counter(found["withdrawn"]) == Counter(canonical_url(article.url) for article in withdrawn)
    counts = Counter(event.type for event in events)
    assert counts == {"revised": EDITS, "withdrawn": WITHDRAWALS, "published": POSTS}
    assert all(event.alert for event in events)
    furniture = await bench.store.raw.count() - len(articles) - EDITS - POSTS
    assert furniture >= FURNITURE + WITHDRAWALS, "what only the furniture changed in is kept too"
    sys.stdout.write(
        f"\n{EDITS} edits, {FURNITURE} furniture changes, {WITHDRAWALS} withdrawals, 5 outages: reported"
        f" {counts['revised']}, 0, {counts['withdrawn']}, 0; {furniture} further answers kept\n"
    )


_SECTIONS = {target.partition("/")[2] for target in TARGETS}
