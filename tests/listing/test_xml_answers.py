import pytest

from crawler.listing import read_list
from crawler.listing.xml_answers import XML_FAMILIES

ITEM = {
    "was5": "<REC><URL>{u}</URL><TITLE>{t}</TITLE><DOCRELTIME>2026.09.18 11:00</DOCRELTIME></REC>",
    "rss": "<item><link>{u}</link><title>{t}</title><pubDate>Fri, 18 Sep 2026 03:00:00 GMT</pubDate></item>",
    "atom": '<entry><link href="{u}"/><title>{t}</title><published>2026-09-18T03:00:00Z</published></entry>',
    "records": "<record><url>{u}</url><title><![CDATA[<em>{t}</em>]]></title><date>2026-09-18 11:00:00</date></record>",
    "rows": "<row><url>{u}</url><title>{t}</title><docreltime>2026-09-18 11:00:00</docreltime></row>",
}


@pytest.mark.parametrize("family", XML_FAMILIES)
def test_families(family: str) -> None:
    items = "".join(
        ITEM[family].format(u=f"http://www.qingshi.gov.cn/a/{i}.html", t=f"第{i}号通知公告") for i in range(3)
    )
    counts = "".join(f"<{name}>9</{name}>" for name in ("recordcount", "total", "totalrecord"))
    text = f'<?xml version="1.0"?><root>{counts}{items}</root>'
    page = read_list(text.encode(), "https://www.qingshi.gov.cn/was5/web/search?page=1")
    assert [e.title for e in page.entries] == ["第0号通知公告", "第1号通知公告", "第2号通知公告"]
    assert {e.published_at for e in page.entries} == {"2026-09-18T11:00:00+08:00"}
    assert page.next_url == "https://www.qingshi.gov.cn/was5/web/search?page=2"


def test_broken_xml_gives_what_is_whole() -> None:
    text = (
        '<?xml version="1.0"?><rss><item><title>第1号通知</title><link>http://a.cn/1.html</link></item><item><title>第'
    )
    assert len(read_list(text.encode(), "http://a.cn/").entries) == 1
