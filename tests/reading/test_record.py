import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Article, Attachment, ListEntry, Policy, Record
from crawler.portals.models import Portal, Section
from crawler.reading.record import article_id, content_sha256, encode, event_schema, make_record, record_schema

ARTICLE = Article(
    title="春耕正忙",
    published_at="2024-03-05",
    published_from="printed",
    source="云岭日报",
    authors=("王小田",),
    breadcrumbs=("首页", "要闻"),
    body="第一段。\n一\t二",
    policy=Policy(doc_number="云政发〔2024〕5号", keywords=("农业",)),
    attachments=(Attachment(url="http://www.example.gov.cn/a.pdf", name="附件"),),
)


@pytest.fixture
def portal() -> Portal:
    return Portal.model_validate(
        {
            "id": "yunling",
            "name": "云岭省人民政府",
            "region": "530000",
            "home": "http://www.example.gov.cn/",
            "hosts": ["www.example.gov.cn"],
            "cms": "trs",
            "evidence": "a test",
            "seen": "undated",
            "section": [
                {
                    "id": "news",
                    "name": "要闻",
                    "kind": "news",
                    "url": "http://www.example.gov.cn/yw/",
                    "evidence": "a test",
                    "seen": "undated",
                }
            ],
        }
    )


@pytest.fixture
def section(portal: Portal) -> Section:
    return portal.sections[0]


def made(portal: Portal, section: Section, article: Article | None, entry: ListEntry, url: str) -> Record:
    return make_record(
        article,
        portal=portal,
        section=section,
        url=url,
        entry=entry,
        first_seen_at="2024-03-05T01:00:00Z",
        fetched_at="2024-03-05T01:00:00Z",
    )


def test_a_line_holds_the_fields_of_the_contract_in_order_and_readable(portal: Portal, section: Section) -> None:
    url = "http://www.example.gov.cn/yw/t1_slb.shtml"
    line = encode(made(portal, section, ARTICLE, ListEntry(url=url, title="春耕…"), url))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert "云岭省人民政府".encode() in line
    told = json.loads(line)
    assert list(told) == [field.name for field in fields(Record)]
    assert told["canonical_url"] == "http://www.example.gov.cn/yw/t1.shtml"
    assert told["title"] == "春耕正忙"
    assert told["authors"] == ["王小田"]
    assert told["policy"]["keywords"] == ["农业"]
    assert told["sections"] == ["news"]


def test_the_list_fills_what_the_page_leaves_open(portal: Portal, section: Section) -> None:
    entry = ListEntry(url="http://www.example.gov.cn/a.pdf", title="规划", published_at="2024-03-01", form="file")
    record = made(portal, section, None, entry, entry.url)
    assert (record.form, record.title, record.published_at, record.body) == ("file", "规划", "2024-03-01", None)


def test_ids_do_not_depend_on_the_scheme() -> None:
    first = article_id("http://www.example.gov.cn/t1.shtml")
    assert first == article_id("https://www.example.gov.cn/t1.shtml")
    assert first != article_id("http://www.example.gov.cn/t2.shtml")


@given(st.text(max_size=60))
def test_ids_are_sixteen_plain_characters(url: str) -> None:
    assert len(article_id(url)) == 16
    assert set(article_id(url)) <= set("abcdefghijklmnopqrstuvwxyz234567")


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_the_content_hash_tells_title_from_body(title: str, body: str, other_title: str, other_body: str) -> None:
    same = (title, body) == (other_title, other_body)
    assert (content_sha256(title, body) == content_sha256(other_title, other_body)) is same


def test_nothing_and_emptiness_hash_alike() -> None:
    assert content_sha256(None, None) == content_sha256("", "")


def test_the_schema_names_every_field_and_the_event_wraps_it() -> None:
    schema = record_schema()
    assert set(schema["required"]) == {field.name for field in fields(Record)}
    assert "first_seen_at" in schema["properties"]
    event = event_schema()
    assert event["required"] == ["type", "timestamp", "data"]
    assert any("changes" in data.get("properties", {}) for data in event["properties"]["data"]["anyOf"])
