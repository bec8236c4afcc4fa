import csv
from pathlib import Path

import pytest

from crawler.listing.recognise import recognise

LISTS = Path(__file__).resolve().parent.parent / "lists"
HOME = "https://www.qingshi.gov.cn/"


@pytest.mark.parametrize(
    ("url", "text", "family"),
    [
        (HOME, '<script>createPageHTML(3, 0, "index", "html");</script>', "trs"),
        (HOME + "zwgk/202611/t20261101_9.html", '<div class="view TRS_UEDITOR">', "trs"),
        (HOME + "col/col1101/index.html", '<script src="/script/jpage.js"></script>$("#u").jpage({})', "hanweb"),
        (HOME + "gkmlpt/index", "window._CONFIG = {TREE: []}", "gkmlpt"),
        (HOME + "common/search/0123456789abcdef0123456789abcdef?_isJson=true", "{}", "ucap"),
    ],
)
def test_families_are_told_by_their_marks(url: str, text: str, family: str) -> None:
    found, marks, sure = recognise([(url, text)])
    assert found == family
    assert marks
    assert sure


def test_one_page_taken_over_from_another_site_is_not_enough() -> None:
    assert recognise([(HOME, '<div class="TRS_Editor">')]) == ("trs", ("the TRS editor",), False)
    pages = [(HOME, '<div class="TRS_Editor">'), (HOME + "col/col1/index.html", ".jpage({})"), (HOME, "/col/col2/")]
    assert recognise(pages)[0] == "hanweb"


def test_nothing_is_other_and_not_sure() -> None:
    assert recognise([(HOME, "<p>一段文字</p>")]) == ("other", (), False)
    assert recognise([]) == ("other", (), False)


def test_marks_of_equal_weight_leave_a_doubt() -> None:
    text = '.jpage({}) createPageHTML(3, 0, "index", "html")'
    assert not recognise([(HOME, text)])[2]


def test_no_real_page_is_taken_for_another_family(shared: Path) -> None:
    rows = csv.DictReader((shared / "pages" / "index.tsv").read_text("utf-8").splitlines(), delimiter="\t")
    families = {"TRS": "trs", "Hanweb": "hanweb", "NFGov": "gkmlpt", "gkmlpt": "gkmlpt", "ucap": "ucap"}
    told, right = 0, 0
    for row in rows:
        page = shared / "pages" / "raw" / f"{row['id']}.html"
        known = next((family for word, family in families.items() if row["cms_guess"].startswith(word)), None)
        if not page.exists() or known is None:
            continue
        found, _, sure = recognise([(row["url"], page.read_bytes().decode("utf-8", "replace"))])
        told += 1
        right += found == known
        assert found == known or not sure, row["id"]
    assert told >= 10
    assert right >= 0.9 * told
