import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.text.urls import MAX_URL, canonical_url, host, is_file, join, url_key

BASE = "http://www.example.gov.cn/zw/index_1.html"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./202506/t20250618_1.shtml", "http://www.example.gov.cn/zw/202506/t20250618_1.shtml"),
        ("../a.html", "http://www.example.gov.cn/a.html"),
        ("//b.gov.cn/x", "http://b.gov.cn/x"),
        ("https://b.gov.cn/x y.pdf", "https://b.gov.cn/x%20y.pdf"),
        (" \n/a\n.html\u3000", "http://www.example.gov.cn/a.html"),
        ("..\\b\\c.html", "http://www.example.gov.cn/b/c.html"),
        ("http://user:pw@b.gov.cn/x", "http://b.gov.cn/x"),
        ("?page=2", "http://www.example.gov.cn/zw/index_1.html?page=2"),
        ("javascript:void(0)", None),
        ("mailto:a@b.cn", None),
        ("data:text/html,x", None),
        ("#top", None),
        ("", None),
        (None, None),
        ("http://[bad", None),
        ("http://a:port/", None),
        ("/" + "a" * MAX_URL, None),
    ],
)
def test_links_become_absolute_addresses_or_nothing(href: str | None, expected: str | None) -> None:
    assert join(BASE, href) == expected


def test_a_relative_link_without_a_base_leads_nowhere() -> None:
    assert join("", "a.html") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.gov.cn:80/a/../b/t1.shtml#x", "http://www.example.gov.cn/b/t1.shtml"),
        ("https://e.cn:443/a?utm_source=x&id=2&spm=1.2&from=timeline", "https://e.cn/a?id=2"),
        ("https://e.cn:8443/a", "https://e.cn:8443/a"),
        ("http://e.cn/t2025_9_slb.shtml", "http://e.cn/t2025_9.shtml"),
        ("http://e.cn/t2025_9_gzk.shtml", "http://e.cn/t2025_9.shtml"),
        ("http://e.cn/t2025_9_senior.html", "http://e.cn/t2025_9.html"),
        ("http://e.cn/t2025_9_wap.html?a=1", "http://e.cn/t2025_9.html?a=1"),
        ("http://e.cn/zw/index.html", "http://e.cn/zw/index.html"),
        ("http://e.cn", "http://e.cn/"),
        ("http://e.cn/a;jsessionid=12AB?x=1", "http://e.cn/a?x=1"),
        ("http://e.cn/%e4%b8%ad/中", "http://e.cn/%E4%B8%AD/%E4%B8%AD"),
        (" not a url ", "not a url"),
    ],
)
def test_one_address_has_one_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


def test_the_key_ignores_scheme_and_twins_and_nothing_else() -> None:
    key = url_key("http://e.cn/t1.shtml")
    assert len(key) == 16
    assert key == url_key("https://E.cn/t1_slb.shtml#top")
    assert (
        len(
            {key, url_key("http://e.cn/t2.shtml"), url_key("http://f.cn/t1.shtml"), url_key("http://e.cn/t1.shtml?a=1")}
        )
        == 4
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://e.cn/P0202203.PDF", True),
        ("http://e.cn/a/b.docx?x=1", True),
        ("http://e.cn/module/download/downfile.jsp?classid=0&filename=a1b2.wps", True),
        ("http://e.cn/t1.shtml", False),
        ("http://e.cn/a.jsp?id=1.2", False),
        ("http://e.cn/zip", False),
        ("pdf", False),
    ],
)
def test_files_are_told_from_pages(url: str, expected: bool) -> None:  # noqa: FBT001
    assert is_file(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn", "a.gov.cn"),
        ("https://a.gov.cn:8443?x=1", "a.gov.cn"),
        ("http://127.0.0.2:46803/a#b", "127.0.0.2"),
        ("http://a.gov.cn./x", "a.gov.cn"),
        ("http://A.gov.cn/x", "a.gov.cn"),
        ("http://a.gov.cn:99999/", ""),
        ("http://a.gov.cn:x/", ""),
        ("http://user@a.gov.cn/", "a.gov.cn"),
        ("http://a%2e.cn/", ""),
        ("http://a b/", ""),
        ("http:///a", ""),
        ("ftp://a.gov.cn/", ""),
    ],
)
def test_the_host_of_an_address_however_it_is_written(url: str, expected: str) -> None:
    assert host(url) == expected


def test_host_is_bare() -> None:
    assert host("https://WWW.E.gov.cn:8080/a") == "www.e.gov.cn"
    assert host("/a") == ""


urlish = st.text(alphabet="htps:/.[]@%?#&=;a1中 \\\n\x00-_", max_size=60) | st.text(max_size=40)


@given(urlish, urlish)
@example("http://a", "http://[::1]:99999/")
@example("http://h//..//x", "http://h/.//a")
@example("http://h", "\ud800")
def test_no_address_raises_and_canonical_form_is_stable(base: str, href: str) -> None:
    joined = join(base, href)
    assert joined is None or joined.startswith(("http://", "https://"))
    once = canonical_url(href)
    assert canonical_url(once) == once
    assert len(url_key(href)) == 16
    assert isinstance(is_file(href), bool)
    assert isinstance(host(href), str)
