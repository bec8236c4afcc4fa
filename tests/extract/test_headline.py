from collections.abc import Callable

from crawler.extract.headline import clean_title, find_headline
from crawler.extract.scan import Scan

PROSE = "<p>全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。</p>"


def test_the_printed_copy_of_the_meta_title_is_found(scan_of: Callable[..., Scan]) -> None:
    found = scan_of(
        f"<a>春耕正忙</a><h2>春耕</h2><h1>春耕<br>正忙</h1>{PROSE}", "<meta name='articleTitle' content='春耕 正忙'>"
    )
    headline = find_headline(found)
    assert headline.text == "春耕 正忙"
    assert found.texts[headline.first : headline.last + 1] == ["春耕", "正忙"]
    assert headline.first == 2


def test_markup_in_a_meta_title_is_dropped() -> None:
    assert clean_title("春耕<br/>正忙 &amp; <b>丰收</b>") == "春耕 正忙 & 丰收"


def test_without_meta_the_title_gives_up_its_site_name(scan_of: Callable[..., Scan]) -> None:
    for title in (
        "春耕正忙的季节-云岭省政府",
        "云岭省政府 | 春耕正忙的季节",
        "春耕正忙的季节_要闻_云岭省政府",
        "春耕正忙的季节 云岭网",
    ):
        found = scan_of(f"<div>云岭省政府</div><div>春耕正忙的季节</div>{PROSE}", f"<title>{title}</title>")
        assert find_headline(found).text == "春耕正忙的季节", title


def test_a_title_cut_short_is_printed_in_full(scan_of: Callable[..., Scan]) -> None:
    found = scan_of(f"<h1>春耕正忙的季节里人人不得闲</h1>{PROSE}", "<meta name=ArticleTitle content='春耕正忙的季节…'>")
    assert find_headline(found).text == "春耕正忙的季节里人人不得闲"


def test_a_meta_title_with_the_site_name_gives_way(scan_of: Callable[..., Scan]) -> None:
    found = scan_of(
        f"<h1>春耕正忙的季节里人人不得闲</h1>{PROSE}",
        "<meta name=ArticleTitle content='云岭网——春耕正忙的季节里人人不得闲'>",
    )
    assert find_headline(found).text == "春耕正忙的季节里人人不得闲"


def test_without_either_the_heading_above_the_text_counts(scan_of: Callable[..., Scan]) -> None:
    assert find_headline(scan_of(f"<h1>云岭省人民政府</h1><h2>春耕正忙的季节</h2>{PROSE}")).text == "春耕正忙的季节"


def test_a_page_without_any_title_has_none(scan_of: Callable[..., Scan]) -> None:
    assert find_headline(scan_of("<p>短</p>")).text is None
    assert find_headline(scan_of("")).text is None
