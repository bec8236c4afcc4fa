import pytest

from crawler.listing.json_values import date_of, fields_of, integer_of, link_of, sorted_by, text_of, total_in


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2026-09-18", "2026-09-18"),
        ("2026.09.18 17:44:00", "2026-09-18T17:44:00+08:00"),
        ("2026-09-18 00:00:00", "2026-09-18"),
        ("2026-09-17T16:00:00.000Z", "2026-09-18"),
        ("2026-09-18T00:00:00.000+0800", "2026-09-18"),
        (1789660800, "2026-09-18"),
        (1789660800000, "2026-09-18"),
        ("1789660800000", "2026-09-18"),
        (1789700000, "2026-09-18T10:53:20+08:00"),
        (3643634, None),
        (True, None),
        (None, None),
        ([], None),
        ("", None),
        (float("nan"), None),
        (1e300, None),
    ],
)
def test_dates(value: object, date: str | None) -> None:
    assert date_of(value) == date


def test_texts_without_tags() -> None:
    assert text_of("关于<em style='color:red'>通知</em>的&lt;办法&gt;<br/>\u200b") == "关于通知的<办法>"
    assert text_of("《a<b》") == "《a<b》"
    assert text_of("  ") is None
    assert text_of(7) is None


def test_links_with_and_without_scheme() -> None:
    assert link_of("www.qingshi.gov.cn/a/1.html", "https://x.cn/") == "http://www.qingshi.gov.cn/a/1.html"
    assert link_of("a/1.html", "https://x.cn/b/") == "https://x.cn/b/a/1.html"
    assert link_of(5, "https://x.cn/") is None


def test_counts() -> None:
    assert [integer_of(v) for v in (7, "41049", True, -1, "x", 10**12, None)] == [
        7,
        41049,
        None,
        None,
        None,
        None,
        None,
    ]
    assert total_in({"data": {"total": "40", "count": 3}, "pageSize": 10}, 10) == 40
    assert total_in({"total": 3}, 10) is None


def test_the_field_that_the_answer_is_sorted_by_is_the_date() -> None:
    rows = [
        {
            "id": i,
            "bt": f"县政府关于第{i}项工作的通知",
            "lj": f"/a/2026/{i}.html",
            "cwrq": "2026-01-01",
            "fbrq": f"2026-09-1{i}",
            "gxsj": "2026-10-01",
        }
        for i in range(5)
    ]
    fields = fields_of(rows, set())
    assert fields is not None
    assert (fields.url, fields.title, fields.date) == ("lj", "bt", "fbrq")
    fields = fields_of(rows, sorted_by({"page": {"orderProperty": "GXSJ"}}, ""))
    assert fields is not None
    assert fields.date == "gxsj"
    assert sorted_by({}, "http://a.cn/?sortField=-fb_rq&q=1") == {"fbrq"}


def test_fields_whose_names_say_nothing_are_told_by_what_they_hold() -> None:
    rows: list[dict[str, object]] = [
        {
            "f_1": f"https://www.qingshi.gov.cn/pic/{i}.jpg",
            "f_2": "县政府办公室",
            "f_3": f"县政府关于第{i}项工作的通知",
            "f_4": f"https://www.qingshi.gov.cn/a/t2026_{i}.html",
            "f_5": "正文很长" * 60 + str(i),
            "f_6": f"2026-09-1{i} 08:00:00",
            "f_7": None,
            "f_8": {"a": []},
        }
        for i in range(5)
    ]
    fields = fields_of(rows, set())
    assert fields is not None
    assert (fields.url, fields.title, fields.date) == ("f_4", "f_3", "f_6")


def test_rows_without_addresses_are_none() -> None:
    assert fields_of([{"name": "县政府", "count": 3}], set()) is None
    assert fields_of([{"url": "/a/1.html"}], set()) is None
