import json
from typing import Any

import pytest

from crawler.items import ListPage
from crawler.listing import read_list
from crawler.listing.families import JSON_FAMILIES
from crawler.listing.json_answers import parse_json

TITLES = ["关于印发县级储备粮管理办法的通知", "关于做好秋季防火工作的通知"]


def read(value: Any, url: str = "https://www.qingshi.gov.cn/api/list?page=1") -> ListPage:
    return read_list(json.dumps(value).encode(), url)


def rows(url: str, title: str, date: str, /, **more: Any) -> list[dict[str, Any]]:
    return [{url: f"/a/2026/{i}.html", title: t, date: f"2026-09-1{i}", **more} for i, t in enumerate(TITLES)]


POLICIES = [{"iid": i, "title": t, "publishDate": f"2026-09-1{i}"} for i, t in enumerate(TITLES)]
ANSWERS: dict[str, Any] = {
    "govcn": rows("URL", "TITLE", "DOCRELPUBTIME"),
    "govcn-search": {"searchVO": {"listVO": rows("url", "title", "pubtimeStr", ptime=1), "totalCount": 9}},
    "igs": {"page": {"content": rows("url", "title", "trs_time"), "total": "9"}},
    "irs": {
        "data": {
            "middle": {"listAndBox": [{"data": r} for r in rows("url", "title_no_tag", "time")]},
            "pager": {"total": 9},
        }
    },
    "ssp": {"datas": rows("docpuburl", "doctitle", "docreltime", pubdate="2026-01-01"), "page": {"recordcount": 9}},
    "trs-search": {"data": {"data": rows("docpuburl", "news_doctitle", "docpubtime"), "total": 9}},
    "was5": {"docs": rows("url", "title", "time"), "count": 9},
    "jsearch": {"dataResults": [{"data": r} for r in rows("url", "title", "createdate", deploytime="1")], "total": 9},
    "jpolicy": {"data": {"rows": POLICIES, "total": 9}},
    "gkmlpt": {"classify": {"post_count": 9}, "articles": rows("url", "title", "created_at", date=1)},
    "nfgov": {"data": {"list": rows("post_url", "title", "pub_time", url="/gkmlpt/1"), "total": 9}},
    "ucap": {"data": {"results": rows("url", "title", "publishedTimeStr"), "total": 9}},
    "henan": {"data": {"datas": rows("selfUrl", "title", "pubDate"), "total": 9}},
    "epoint": {"result": {"records": rows("linkurl", "title", "infodate"), "totalcount": 9}},
    "so-gov": {"resultDocs": [{"data": r} for r in rows("url", "titleO", "docDate")], "totalHits": 9},
}


@pytest.mark.parametrize("family", ANSWERS)
def test_families(family: str) -> None:
    page = read(ANSWERS[family])
    assert [(e.title, e.published_at) for e in page.entries] == [(t, f"2026-09-1{i}") for i, t in enumerate(TITLES)]
    assert page.confidence > 0.9
    assert page.total == (None if family == "govcn" else 9)


def test_every_family_is_tested() -> None:
    assert set(ANSWERS) | {"jsearch-snippets"} == set(JSON_FAMILIES)


def test_snippets_start_their_links_at_the_search_page() -> None:
    link = '<a href="visit/link.do?url=x&amp;id={0}">关于第{0}批<em>通知</em>的公告</a>'
    snippets = [f"<div>{link}<span>时间：2026-09-1{{0}}</span></div>".format(i) for i in range(3)]
    page = read({"result": snippets, "total": 30}, "https://www.qingshi.gov.cn/front/interfaces/search.do")
    assert page.entries[1].url == "https://www.qingshi.gov.cn/front/visit/link.do?url=x&id=1"
    assert page.entries[1].title == "关于第1批通知的公告"
    assert page.entries[1].published_at == "2026-09-11"


def test_an_answer_inside_an_answer() -> None:
    inner = json.dumps({"records": rows("linkurl", "title", "infodate")})
    assert len(read({"custom": inner, "status": {"code": 1}}).entries) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"success": False, "msg": "系统错误", "data": None}, "系统错误"),
        ({"code": 500, "message": "参数错误", "data": None}, "参数错误"),
        ([], "no rows"),
        ({"data": {"results": [], "total": 0}}, "no rows"),
        ({"page": {"content": []}}, "no rows"),
        ({"version": 3}, "no list"),
    ],
)
def test_answers_without_rows_say_why(answer: Any, reason: str) -> None:
    page = read(answer)
    assert page.entries == ()
    assert page.next_url is None
    assert reason in (page.reason or "")


@pytest.mark.parametrize("text", ['cb({"a": 1});', "var list = [1, 2];", '{"a": "x\ny"}', "/**/cb([])"])
def test_javascript_around_json(text: str) -> None:
    assert parse_json(text) is not None


@pytest.mark.parametrize("text", ["", "{", "alert(1)", "[" * 100_000])
def test_what_is_no_json(text: str) -> None:
    assert parse_json(text) is None
