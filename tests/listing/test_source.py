import pytest

from crawler.listing.source import Source, as_hosts, site

LIST = "https://www.shanxi.gov.cn/ywdt/sxyw/"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.shanxi.gov.cn", "shanxi.gov.cn"),
        ("zrzyt.shanxi.gov.cn", "shanxi.gov.cn"),
        ("www.gov.cn", "www.gov.cn"),
        ("sousuo.www.gov.cn", "www.gov.cn"),
        ("mp.weixin.qq.com", "qq.com"),
        ("gov.cn", "gov.cn"),
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "localhost"),
    ],
)
def test_site(host: str, name: str) -> None:
    assert site(host) == name


@pytest.mark.parametrize(
    ("url", "hosts", "form"),
    [
        ("https://www.shanxi.gov.cn/a/t1.shtml", (), "article"),
        ("http://zrzyt.shanxi.gov.cn/a/t1.shtml", (), "article"),
        ("https://www.gov.cn/zhengce/content_1.htm", (), "external"),
        ("https://mp.weixin.qq.com/s/abc", (), "external"),
        ("https://www.shanxi.gov.cn/a/P020260918.pdf", (), "file"),
        ("https://www.gov.cn/a/1.pdf", (), "external"),
        ("http://zrzyt.shanxi.gov.cn/a/t1.shtml", ("www.shanxi.gov.cn",), "external"),
        ("http://zrzyt.shanxi.gov.cn/a/t1.shtml", ("shanxi.gov.cn",), "article"),
        ("https://www.shanxi.gov.cn/a/t1.shtml", ("other.gov.cn",), "article"),
    ],
)
def test_form(url: str, hosts: tuple[str, ...], form: str) -> None:
    assert Source("", LIST, hosts=hosts).form(url) == form


def test_an_address_is_listed_once_with_all_that_is_known_of_it() -> None:
    found = [
        ("http://a.cn/1", "一", None),
        (None, "没有链接", "2026-09-18"),
        ("http://a.cn/2", None, "2026-09-17"),
        ("http://a.cn/1", "另一个", "2026-09-18"),
        ("http://a.cn/2", "二\ud800", None),
        ("http://a.cn/\ud800", "三", None),
    ]
    entries = Source("", "http://a.cn/").entries(found)
    assert [(e.url, e.title, e.published_at) for e in entries] == [
        ("http://a.cn/1", "一", "2026-09-18"),
        ("http://a.cn/2", "二", "2026-09-17"),
    ]


def test_hosts_may_be_written_as_addresses() -> None:
    assert as_hosts(["https://WWW.A.gov.cn/x", "b.gov.cn:8080", ""]) == ("www.a.gov.cn", "b.gov.cn")
