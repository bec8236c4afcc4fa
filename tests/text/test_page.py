import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.exceptions import UnreadablePageError
from crawler.text.page import _START, MAX_PAGE_BYTES, count_attributes, parse_page


def test_a_page_is_decoded_and_parsed_once() -> None:
    page = parse_page('<meta charset="gbk"><p>公告的正文</p>'.encode("gbk"), "http://e.gov.cn/a/b.html")
    assert page.encoding == "gb18030"
    assert page.tree.css_first("p").text() == "公告的正文"  # type: ignore[union-attr]
    assert page.base_url == page.url == "http://e.gov.cn/a/b.html"


def test_a_base_element_moves_relative_links() -> None:
    page = parse_page(b'<base href="/c/"><p>x</p>', "http://e.gov.cn/a/b.html")
    assert page.base_url == "http://e.gov.cn/c/"


def test_too_large_a_page_is_refused() -> None:
    with pytest.raises(UnreadablePageError, match="larger"):
        parse_page(b"<p>" + b"a" * MAX_PAGE_BYTES)


NAMES = [f"a{number}" for number in range(100_000)]


@pytest.mark.parametrize(
    "page",
    [
        "<p>x<a " + " ".join(NAMES) + ">y</a>",
        "<p>x<a " + "/".join(NAMES) + ">y</a>",
        "<p>x<a " + "".join(f'{name}=""' for name in NAMES) + ">y</a>",
        '<p>x<a title=">" ' + " ".join(NAMES) + ">y</a>",
        "<p>x<a ' " + " ".join(NAMES) + "'>y</a>",
        "<!-- <a title=' --><a " + " ".join(NAMES) + ">y</a>",
        "".join("<a " + " ".join(NAMES[at : at + 6000]) + ">y</a>" for at in range(0, 60_000, 6000)) * 2,
    ],
    ids=["spaces", "slashes", "values", "behind a quoted bracket", "behind a quote", "behind a comment", "several"],
)
def test_an_element_of_ten_thousands_of_attributes_is_refused(page: str) -> None:
    with pytest.raises(UnreadablePageError, match="attributes"):
        parse_page(page.encode())


@pytest.mark.parametrize(
    "page",
    [
        "<p data-texts='" + " ".join(NAMES) + "'>y</p>",
        '<p>y<img src="data:image/png;base64,' + "/".join(NAMES) + '"></p>',
        "<script>" + " / ".join(NAMES) + "</script><p>y</p>",
        "".join(f'<p class="a b" title="c/d/e/f/g">{name}</p>' for name in NAMES[:9000]) + "<p>y</p>",
    ],
    ids=["long value", "picture in the page", "script", "many elements"],
)
def test_a_page_with_as_many_words_is_parsed(page: str) -> None:
    last = parse_page(page.encode()).tree.css("p")[-1]
    assert last.text() == "y"


PIECES = ["<a", "<b ", "<", ">", " ", "/", "=", '"', "'", "\n", "<!--", "-->", "</a>", "]]>", "<![CDATA["]
PIECES += ["<script>", "</script>", "<style>", "</style>", "<title>", "</title>", "<svg>", "</svg>", "x=", "='", '="']


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.just("name")), max_size=40))
def test_no_element_has_more_attributes_than_are_counted_where_it_may_begin(pieces: list[str]) -> None:
    """The parser is the judge: each name is its own, since it keeps one attribute of a name."""
    text = "".join(f"n{place}" if piece == "name" else piece for place, piece in enumerate(pieces))
    tree = LexborHTMLParser(text, scripting=True)
    most = max(len(node.attributes) for node in tree.root.traverse())  # type: ignore[union-attr]
    assert most <= max((count_attributes(text, start.end()) for start in _START.finditer(text)), default=0)


def test_begun_tags_without_an_end_are_not_looked_at_again_and_again() -> None:
    with pytest.raises(UnreadablePageError, match="attributes"):
        parse_page(("<p b " * 9_000 + "c " * 60_000).encode())


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<div><!--</div>-->", "<div title='</div>'>", "<div><script></div></script>", "<b><i></b>"],
    ids=["open", "closed in comments", "closed in values", "closed in scripts", "overlapping"],
)
def test_a_page_that_nests_too_deep_is_refused(piece: str) -> None:
    with pytest.raises(UnreadablePageError, match="deep"):
        parse_page(("<p>" + piece * 30_000).encode())


def test_a_page_of_many_elements_is_parsed() -> None:
    page = parse_page(("<ul>" + "<li><a href='/a.html'>y</a></li>" * 20_000 + "</ul>").encode())
    assert len(page.tree.css("li")) == 20_000
