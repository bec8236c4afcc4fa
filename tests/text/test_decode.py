import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.exceptions import UnreadablePageError
from crawler.text.decode import decode

PROSE = "省政府常务会议审议通过了关于加快建设现代化产业体系的意见，会议强调各地各部门要在年内完成工作。"


def page(declaration: str, prose: str = PROSE) -> str:
    return f"<html><head>{declaration}<title>文</title></head><body><p>{prose}</p></body></html>"


@pytest.mark.parametrize(
    ("declaration", "stored", "header", "expected"),
    [
        ('<meta charset="utf-8">', "utf-8", None, "utf-8"),
        ('<meta charset="gb2312">', "gbk", None, "gb18030"),
        (
            "<meta http-equiv=Content-Type content='text/html; charset=GBK'>",
            "gbk",
            "text/html; charset=utf-8",
            "gb18030",
        ),
        ("", "gbk", "text/html; charset=gb2312", "gb18030"),
        ("", "gbk", "text/html; charset=ISO-8859-1", "gb18030"),
        ("", "gbk", None, "gb18030"),
        ('<meta charset="utf-8">', "gb18030", None, "gb18030"),
        ('<meta charset="GB2312">', "utf-8", None, "utf-8"),
        ('<meta charset="utf-16">', "utf-8", None, "utf-8"),
        ('<meta charset="utf-7">', "utf-8", None, "utf-8"),
        ('<meta charset="punycode">', "gbk", None, "gb18030"),
        ('<!-- <meta charset="gbk"> --><meta charset="big5">', "big5", None, "big5hkscs"),
        ("", "utf-16-le", None, "utf-16-le"),
        ("", "utf-16-be", None, "utf-16-be"),
    ],
)
def test_encoding_is_found_by_declaration_header_or_content(
    declaration: str, stored: str, header: str | None, expected: str
) -> None:
    prose = PROSE if stored != "big5" else "省政府常務會議審議通過了意見，會議強調年內完成工作。"
    text = page(declaration, prose)
    assert decode(text.encode(stored), header) == (text, expected)


@pytest.mark.parametrize(
    ("mark", "stored"),
    [
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\0\0", "utf-32-le"),
    ],
)
def test_the_mark_wins_over_a_false_declaration(mark: bytes, stored: str) -> None:
    text = page('<meta charset="gb2312">')
    assert decode(mark + text.encode(stored), "text/html; charset=big5") == (text, stored)


def test_a_few_destroyed_bytes_do_not_cost_the_page() -> None:
    body = page('<meta charset="utf-8">', PROSE * 5).encode()
    cut = body.index("审议".encode()) + 1
    text, encoding = decode(body[:cut] + b"\xff" + body[cut + 1 :])
    assert encoding == "utf-8"
    assert PROSE in text
    assert "\ufffd" in text


def test_a_page_cut_inside_a_character_is_read() -> None:
    body = page('<meta charset="gbk">', PROSE * 3).encode("gbk")
    cut = body.index("完成".encode("gbk")) + 1
    text, encoding = decode(body[:cut], "text/html")
    assert encoding == "gb18030"
    assert text.startswith(page('<meta charset="gbk">')[:40])


def test_json_and_xml_answers_are_text_too() -> None:
    assert decode('{"title": "省政府"}'.encode())[0] == '{"title": "省政府"}'
    xml = '<?xml version="1.0" encoding="GBK"?><r><t>公告</t></r>'
    assert decode(xml.encode("gbk")) == (xml, "gb18030")


def test_stray_null_bytes_are_dropped() -> None:
    text = page('<meta charset="utf-8">', PROSE * 9)
    body = text.encode()
    assert decode(body[:300] + b"\0" + body[300:])[0] == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n\t ",
        b"\0" * 100,
        b"\xef\xbb\xbf",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50,
        gzip.compress(b"<html></html>", mtime=0),
        bytes(range(256)) * 20,
        b"\x01\x02\x03\x04" * 400,
    ],
)
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadablePageError):
        decode(body)


@given(st.binary(max_size=3000), st.none() | st.text(max_size=60))
def test_any_bytes_decode_or_are_refused(body: bytes, header: str | None) -> None:
    try:
        text, encoding = decode(body, header)
    except UnreadablePageError:
        return
    assert "\x00" not in text
    assert encoding


@given(
    st.sampled_from(["utf-8", "gb18030", "utf-16-le"]),
    st.text(alphabet="省政府公告的一是会议年月日工作12，。", min_size=20),
)
def test_chinese_text_survives_any_usual_encoding(encoding: str, prose: str) -> None:
    text = page(f'<meta charset="{encoding}">', prose)
    assert decode(text.encode(encoding))[0] == text
