import pytest

from crawler.extract.byline import clean_source, find_authors, find_bare_source, find_date, find_source, is_byline


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["发布时间：2024-05-06 07:08"], "2024-05-06T07:08:00+08:00"),
        (["时间：", "2024-05-06", "来源：", "云岭日报"], "2024-05-06"),
        (["更新时间：2024-06-01", "发布日期：2024-05-06"], "2024-05-06"),
        (["2024-05-06", "最后更新：2024-06-01"], "2024-05-06"),
        (["更新时间：2024-06-01"], "2024-06-01"),
        (["成文日期：2024-05-01"], None),
        (["活动时间：2024-05-01"], None),
        (["（2007年6月29日第十届大会第二十八次会议通过）"], None),
        (["云岭网青溪频道 ( 2012-06-04 09:20:26 )"], "2012-06-04T09:20:26+08:00"),
        (["访问量：199"], None),
        ([], None),
    ],
)
def test_the_day_of_publication_is_found(texts: list[str], expected: str | None) -> None:
    assert find_date(texts) == expected


def test_behind_the_body_only_labelled_dates_count() -> None:
    assert find_date(["2024-05-01"], labelled=True) is None
    assert find_date(["发布日期：2024-05-06　来源：教育局"], labelled=True) == "2024-05-06"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["来源：云岭日报"], "云岭日报"),
        (["来源：", "云岭日报", "打印"], "云岭日报"),
        (["来源：", "访问量：", "199"], None),
        (["来源： 云岭省政府网      大 中 小"], "云岭省政府网"),
        (["时间：2024-05-06 来源：国际处 文旅之窗 作者：张三"], "国际处 文旅之窗"),
        (["稿件来源： 云岭日报"], "云岭日报"),
        (["信息来源:市统计局　浏览次数:12"], "市统计局"),
        (["来源：《云岭日报》 2024-05-06"], "云岭日报"),
        (["来源：字体：大"], None),
        (["字号：大"], None),
    ],
)
def test_the_source_is_found(texts: list[str], expected: str | None) -> None:
    assert find_source(texts) == expected


def test_a_source_without_a_label_stands_beside_the_date() -> None:
    assert find_bare_source(["2024-05-06 10:00", "云岭晚报"]) == "云岭晚报"
    assert find_bare_source(["石佳/云岭青年报", "2024-05-06"]) == "云岭青年报"
    assert find_bare_source(["来源：", "2024-05-06", "云岭晚报"]) is None
    assert find_bare_source(["2024-05-06", "某县统计公报"]) is None


def test_a_source_is_cleaned() -> None:
    assert clean_source("来源：云岭日报") == "云岭日报"
    assert clean_source("2024-05-06") is None
    assert clean_source("云" * 100) is None


@pytest.mark.parametrize(
    ("texts", "body", "expected"),
    [
        (["作者：张三丰"], [], ("张三丰",)),
        (["作者：张三丰 李四", "编辑：王五"], [], ("张三丰", "李四")),
        (["责任编辑：王五"], ["正文。"], ()),
        ([], ["正文。", "（记者张三丰　通讯员 李四光）"], ("张三丰", "李四光")),
        ([], ["云岭日报讯（记者 张 三）今天。"], ("张三",)),
        ([], ["今天召开。（张巨峰）"], ("张巨峰",)),
        ([], ["今天召开。（此件公开发布）"], ()),
        ([], ["今天召开。（德清县发改局）"], ()),
        ([], ["今天召开。（刘通摄）"], ()),
        ([], ["今天召开。", "全媒体记者：张三丰 李四", "编审：王五"], ("张三丰", "李四")),
        ([], ["见习记者 王一凡", "今天召开。"], ("王一凡",)),
        ([], [], ()),
    ],
)
def test_authors_are_told_from_editors(texts: list[str], body: list[str], expected: tuple[str, ...]) -> None:
    assert find_authors(texts, body) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布时间：2024-05-06", True),
        ("2024-05-06 10:00", True),
        ("【字体：", True),
        ("分享到：", True),
        ("各市、县人民政府：", False),
        ("云政发〔2024〕5号", False),
        ("根据《办法》，", False),
        ("会" * 200, False),
    ],
)
def test_bylines_are_told_from_the_body(text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_byline(text) is expected
