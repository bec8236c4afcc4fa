from collections.abc import Callable

from crawler.extract.scan import BREAK, CELL, HEADING, LINK, ONE_CELL, PROSE, ROW, SILENT, Scan, replaced

P = "全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。"


def test_a_mark_says_what_was_opened_since_the_text_before(scan_of: Callable[..., Scan]) -> None:
    found = scan_of(f"<h1>题目</h1><p>短<a href=x>链接</a></p><script>var x=1</script><p>{P}</p>")
    assert found.texts == ["题目", "短", "链接", P]
    heading, short, link, prose = found.marks
    assert heading & HEADING
    assert short & BREAK
    assert not short & LINK
    assert link & LINK
    assert not link & BREAK
    assert prose & PROSE
    assert prose & SILENT


def test_cells_are_counted_with_the_empty_ones(scan_of: Callable[..., Scan]) -> None:
    found = scan_of("<table><tr><td>一</td><td></td><td>二</td></tr><tr><td>三</td></tr></table>")
    assert [mark // ONE_CELL for mark in found.marks] == [1, 2, 1]
    assert [bool(mark & ROW) for mark in found.marks] == [True, False, True]
    assert all(mark & CELL for mark in found.marks)


def test_meta_title_and_telling_scripts_are_kept(scan_of: Callable[..., Scan]) -> None:
    head = "<title> 题目 </title><meta name=' PubDate ' content=' 2024-03-05 '><meta name=x content=y>"
    found = scan_of("<script>var fileNum='青政发〔2020〕1号'</script><script>var y</script><style>号</style>", head)
    assert found.document_title == "题目"
    assert found.meta == {"pubdate": "2024-03-05"}
    assert len(found.scripts) == 1


def test_positions_of_texts_are_found_by_offset(scan_of: Callable[..., Scan]) -> None:
    found = scan_of("".join(f"<p>第{i}段</p>" for i in range(30)))
    for i in [3, 0, 29, 7, 7, 12]:  # counted at first, looked up later
        assert found.position(found.joined.index(f"\0第{i}段")) == i


def test_other_texts_take_the_place_of_those_read(scan_of: Callable[..., Scan]) -> None:
    found = scan_of("<h1>題目</h1><p>(zhǔn)</p><p>短</p><p>正文</p>")
    new = replaced(found, ["题目", "", "短", P])
    assert new.texts == ["题目", "短", P]
    assert new.marks[1] & BREAK
    assert new.marks[2] & PROSE
    assert new.said == {found.nodes[0].mem_id: "题目", found.nodes[1].mem_id: "", found.nodes[3].mem_id: P}
    assert new.joined == f"\0题目\0短\0{P}"
    assert found.texts[0] == "題目"
