from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.body import find_body
from crawler.extract.scan import Scan, scan
from crawler.extract.weights import ancestors, hold_all, home_of, weigh
from crawler.text.page import parse_page

P = "全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。"
LINKS = "".join(f"<li><a href={i}.html>栏目名称之{i}</a></li>" for i in range(5))


def test_running_text_counts_in_full_and_text_behind_links_hardly(scan_of: Callable[..., Scan]) -> None:
    found = weigh(scan_of(f"<div><p>{P}</p><ul>{LINKS}</ul><p>{P[1:]}</p></div>"), -1, 99)
    assert found.mass == [len(P), (len(P) - 1) * 0.05]
    assert found.running == [0]


def test_a_second_copy_of_the_page_does_not_count(scan_of: Callable[..., Scan]) -> None:
    found = weigh(scan_of(f"<div><p>{P}</p></div><div class=mobile><p>{P}</p></div>"), -1, 99)
    assert (found.first, found.last) == ([0], [0])


def test_short_cells_count_together_and_for_their_table(scan_of: Callable[..., Scan]) -> None:
    rows = "<tr><td>市县</td><td><p>万亩</p></td></tr><tr><td>青溪</td><td>31</td></tr>"
    page = scan_of(f"<p>表一</p><table>{rows}</table>")
    found = weigh(page, -1, 99)
    assert (found.first, found.last) == ([0, 1], [0, 4])
    home = home_of(page, 1)
    assert home is not None
    assert home.tag == "tbody"
    assert [holder.node.tag for holder in hold_all(page, found).values()] == ["body", "tbody"]


def test_a_paragraph_counts_for_the_element_around_it(scan_of: Callable[..., Scan]) -> None:
    home = home_of(scan_of(f"<section><p><span><b>{P}</b></span></p></section>"), 0)
    assert home is not None
    assert home.tag == "section"


BLOCKS = st.recursive(
    st.sampled_from([f"<p>{P[i:]}</p>" for i in range(8)] + ["<p>短句</p>", "<b>短</b>", f"<ul>{LINKS}</ul>", P[9:]]),
    lambda inner: st.lists(inner, min_size=1, max_size=5).map(lambda parts: f"<div>{''.join(parts)}</div>"),
    max_leaves=25,
)


@settings(max_examples=150)
@given(BLOCKS)
def test_the_body_holds_most_of_the_text(html: str) -> None:
    page = scan(parse_page(f"<meta charset=utf-8><h1>春耕正忙的季节</h1>{html}".encode()))
    low = page.texts.index("春耕正忙的季节")
    found = weigh(page, low, len(page.texts))
    body = find_body(page, low, len(page.texts))
    if body is None:
        assert not found.mass
        return
    node, first, last = body
    assert low < first <= last < len(page.texts)
    inside = sum(
        mass for i, mass in zip(found.first, found.mass, strict=True) if node.mem_id in ancestors(page.nodes[i])
    )
    # Nothing that it leaves out is a sentence, unless most of the text is inside.
    assert inside >= 0.6 * sum(found.mass) or all(len(page.texts[found.first[k]]) < 25 for k in found.running)
