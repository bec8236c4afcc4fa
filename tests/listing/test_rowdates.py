import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listing.rowdates import NEVER, Shown, assemble, rank, shown, url_date


@pytest.mark.parametrize(
    ("text", "value", "pure"),
    [
        ("2026-09-18", "2026-09-18", True),
        ("[2026/9/8]", "2026-09-08", True),
        ("（2026年9月18日）", "2026-09-18", True),
        ("发布时间：2026.09.18", "2026-09-18", True),
        ("……2026-09-18", "2026-09-18", True),
        ("26-09-18", "2026-09-18", True),
        ("2026-09-18 09:30", "2026-09-18T09:30:00+08:00", True),
        ("来源：县政府办 2026-09-18", "2026-09-18", False),
        ("2026年9月18日新闻发布会实录", "2026-09-18", False),
    ],
)
def test_full_dates(text: str, value: str, *, pure: bool) -> None:
    found = shown(text)
    assert found is not None
    assert (found.kind, found.value, found.pure) == ("full", value, pure)


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("[09-18]", "month-day", (9, 18)),
        ("9月18日", "month-day", (9, 18)),
        ("2026-09", "year-month", (2026, 9)),
        ("2026年9月", "year-month", (2026, 9)),
        ("2026", "year", (2026,)),
        ("9月", "month", (9,)),
        ("18", "day", (18,)),
    ],
)
def test_parts(text: str, kind: str, numbers: tuple[int, ...]) -> None:
    assert shown(text) == Shown(kind, "", numbers, pure=True)


@pytest.mark.parametrize(
    "text", ["", "通知公告", "青政发〔2026〕12号", "第12期共3页", "2026-13-45", "a" * 300 + "2026-09-18"]
)
def test_no_date(text: str) -> None:
    assert shown(text) is None


@pytest.mark.parametrize(
    ("label", "worth"),
    [
        ("发布日期：", 2),
        ("公开时间", 2),
        ("成文日期：", -1),
        ("截止时间：", NEVER),
        ("有效期至", NEVER),
        ("县长主持召开专题会议", 0),
        ("", 0),
    ],
)
def test_labels(label: str, worth: int) -> None:
    assert rank(label) == worth
    found = shown("2026-09-18", label)
    assert found is not None
    assert found.rank == worth


def test_the_label_within_a_text_counts_before_the_one_above_it() -> None:
    found = shown("成文日期：2026-01-02 发布日期：2026-09-18", "截止时间：")
    assert found is not None
    assert (found.value, found.rank) == ("2026-09-18", 2)


@pytest.mark.parametrize(
    ("parts", "url", "year", "date"),
    [
        (["09-18", "2026"], "http://a.cn/1.html", None, "2026-09-18"),
        (["18", "2026-09"], "http://a.cn/1.html", None, "2026-09-18"),
        (["2026", "9月", "18日"], "http://a.cn/1.html", None, "2026-09-18"),
        (["09-18"], "http://a.cn/202609/t20260918_1.html", None, "2026-09-18"),
        (["12-31"], "http://a.cn/202601/t20260101_1.html", None, "2025-12-31"),
        (["01-02"], "http://a.cn/202512/t20251231_1.html", None, "2026-01-02"),
        (["09-18"], "http://a.cn/art/2025/art_1.html", 2024, "2025-09-18"),
        (["09-18"], "http://a.cn/1.html", 2024, "2024-09-18"),
        (["09-18"], "http://a.cn/1.html", None, None),
        (["02-30"], "http://a.cn/1.html", 2024, None),
        (["18"], "http://a.cn/1.html", 2024, None),
    ],
)
def test_assembled(parts: list[str], url: str, year: int | None, date: str | None) -> None:
    assert assemble([s for p in parts if (s := shown(p)) is not None], url, year) == date


@pytest.mark.parametrize(
    ("url", "date"),
    [
        ("http://a.cn/202608/t20260811_1003020.html", (2026, 8, 11)),
        ("http://a.cn/202608/1.html", (2026, 8, None)),
        ("http://a.cn/2026/08-21/3401380.html", (2026, 8, 21)),
        ("http://a.cn/art/2025/8/14/art_80179_11623340.html", (2025, 8, 14)),
        ("http://a.cn/art/2025/art_1.html", (2025, None, None)),
        ("http://a.cn/t27948154.shtml", None),
    ],
)
def test_dates_of_addresses(url: str, date: tuple[int, int | None, int | None] | None) -> None:
    assert url_date(url) == date


@given(st.text(max_size=60), st.text(max_size=12), st.text(max_size=60))
def test_total(text: str, label: str, url: str) -> None:
    found = shown(text, label)
    if found is not None and found.kind != "full":
        assemble([found], url, 2026)
