from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.dates import find_dates, parse_date, parse_epoch, rfc3339


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-06-18", "2025-06-18"),
        ("2025/6/18", "2025-06-18"),
        ("2025.06.18", "2025-06-18"),
        ("2025年6月18日", "2025-06-18"),
        ("2025 年 6 月 18 日", "2025-06-18"),
        ("２０２５年６月１８日", "2025-06-18"),
        ("二〇二五年六月十八日", "2025-06-18"),
        ("二○○四年十二月三十一日", "2004-12-31"),
        ("一九九九年十月二十日", "1999-10-20"),
        ("20250618", "2025-06-18"),
        ("发布时间：2025-06-18 09:30 来源", "2025-06-18T09:30:00+08:00"),
        ("2025-06-18-09:30:05", "2025-06-18T09:30:05+08:00"),
        ("2025-06-18T09:30:05", "2025-06-18T09:30:05+08:00"),
        ("2025-06-1809:30:05", "2025-06-18T09:30:05+08:00"),
        ("2025年06月18日09时30分", "2025-06-18T09:30:00+08:00"),
        ("2025年6月18日 下午3:05", "2025-06-18T15:05:00+08:00"),
        ("2025-06-18T20:30:00Z", "2025-06-19T04:30:00+08:00"),
        ("2025-06-18T01:30:00.123+0000", "2025-06-18T09:30:00+08:00"),
        ("2025-06-18T09:30:00+08:00", "2025-06-18T09:30:00+08:00"),
        ("2025-06-18T00:30:00-07:00", "2025-06-18T15:30:00+08:00"),
        ("2025-06-18 25:30", "2025-06-18"),
        ("2025-13-01 then 2025-01-13", "2025-01-13"),
        ("2025-02-30", None),
        ("1913-01-01", None),
        ("2101-01-01", None),
        ("202506181", None),
        ("10.2025.06.18", None),
        ("晋政发〔2025〕6号", None),
        ("2025年6月", None),
        ("[06-18]", None),
        ("", None),
    ],
)
def test_printed_dates_take_the_form_of_the_record(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["[06-18]", "06/18", "6月18日", "(6.18)", "【06-18】"])
def test_month_and_day_need_a_year(text: str) -> None:
    assert parse_date(text) is None
    assert parse_date(text, year=2025) == "2025-06-18"


def test_a_full_date_wins_over_the_given_year() -> None:
    assert parse_date("03-04 2024-06-18", year=2025) == "2024-06-18"


def test_dates_are_found_in_order_with_their_place() -> None:
    text = "二〇二四年五月一日印发，2024年6月2日 10:00发布"
    found = find_dates(text)
    assert [iso for *_, iso in found] == ["2024-05-01", "2024-06-02T10:00:00+08:00"]
    assert text[found[0][0] : found[0][1]] == "二〇二四年五月一日"
    assert text[found[1][0] : found[1][1]] == "2024年6月2日 10:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1750210200", "2025-06-18T09:30:00+08:00"),
        (1750210200000, "2025-06-18T09:30:00+08:00"),
        ("nan", None),
        ("1e400", None),
        ("soon", None),
        ("-9e9", None),
    ],
)
def test_unix_times(value: str | float, expected: str | None) -> None:
    assert parse_epoch(value) == expected


@given(st.text(alphabet="0123456789年月日-/. :T时分〇一二十Z+下午", max_size=80), st.none() | st.integers(0, 9999))
def test_any_text_gives_a_valid_date_or_none(text: str, year: int | None) -> None:
    found = parse_date(text, year=year)
    if found is not None:
        assert 1949 <= datetime.fromisoformat(found).year <= 2101
    for start, end, iso in find_dates(text):
        assert 0 <= start < end <= len(text)
        datetime.fromisoformat(iso)


@given(
    st.dates(date(1949, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["{y}-{m:02}-{d:02}", "{y}年{m}月{d}日", "{y}/{m}/{d}"]),
)
def test_every_day_is_read(day: date, form: str) -> None:
    assert parse_date("于" + form.format(y=day.year, m=day.month, d=day.day)) == day.isoformat()


@given(st.integers(-600_000_000, 4_000_000_000), st.sampled_from([-7, 0, 3, 8]))
def test_zones_keep_the_moment(seconds: int, offset: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(hours=offset)))
    found = parse_date(moment.isoformat())
    assert found is not None
    assert datetime.fromisoformat(found) == moment


def test_our_own_times_are_utc() -> None:
    assert rfc3339(1_763_787_600.9) == "2025-11-22T05:00:00Z"
    assert rfc3339(0.0) == "1970-01-01T00:00:00Z"
