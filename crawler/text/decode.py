"""Bytes to text: byte order mark, then declaration, then header, then detection.

Two facts of Chinese portals shape the order of trial: servers send `ISO-8859-1` by default, and pages that were
re-saved keep a declaration of their old encoding. So a declaration counts only where the bytes really decode by it,
Latin-1 is never believed while UTF-8 or GB18030 fit, and bytes that are valid UTF-8 holding CJK text are UTF-8
whatever they declare (GBK text that is valid UTF-8 by accident decodes to two-byte letters, not to CJK).
"""

from __future__ import annotations

import codecs
import re

from crawler.exceptions import UnreadablePageError

_SNIFF = 4096
"""Bytes searched for a declaration; the HTML standard asks for 1024, real heads open with long comments."""
_MAX_NUL_SHARE = 0.01
_MAX_BAD_SHARE = 0.1
"""Share of undecodable characters among the non-ASCII ones above which bytes are no text."""
_JUDGED = 10_000
"""Characters looked at to judge whether a text reads like Chinese."""
_DETECT_BYTES = 65_536

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a zip or Office file",
    b"PK\x05\x06": "a zip file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Office file",
    b"Rar!\x1a": "a RAR file",
    b"7z\xbc\xaf\x27\x1c": "a 7z file",
    b"\x1f\x8b\x08": "gzip data",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"BM\x36": "a BMP image",
    b"\x00\x00\x00\x18ftyp": "a video",
    b"\x00\x00\x00\x20ftyp": "a video",
    b"ID3": "an audio file",
    b"\x7fELF": "a program",
    b"{\\rtf": "an RTF file",
}
_MAGIC = tuple(_BINARY)
_LABELS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "euc-cn": "gb18030",
    "csgb2312": "gb18030",
    "chinese": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "cp950",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf_8": "utf-8",
    # A declaration that could be read as ASCII cannot be UTF-16: the HTML standard takes it for UTF-8.
    "utf-16": "utf-8",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "unicode": "utf-8",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "windows-1251": "cp1251",
    "koi8-r": "koi8_r",
}
"""Names seen in declarations to Python's codecs; others are unknown, so that no page can pick a codec of its liking."""

_META = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,30})", re.IGNORECASE)
_XML = re.compile(rb"^\s{0,99}<\?xml\b[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9_:.-]{2,30})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_HEADER = re.compile(r"\bcharset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,30})", re.IGNORECASE)
_CJK = re.compile("[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011]+")
_HAN = re.compile("[\u4e00-\u9fff](?:[^\u4e00-\u9fff]{0,2000}[\u4e00-\u9fff]){5}")
"""Six Chinese characters: with less, valid UTF-8 may be chance (`联通` in GBK nearly is)."""
_COMMON = re.compile("[的一是在不了有和人中大为上国我以年会作发地市政府工]")
"""The most frequent characters of Chinese prose, both scripts alike: text decoded wrongly has almost none of them."""
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\x0b\x0c\r\x1b\x00")


def _declared(body: bytes) -> str | None:
    head = body[:_SNIFF]
    match = _XML.match(head)
    if match is None and b"charset" in head.lower():
        match = _META.search(_COMMENT.sub(b"", head) if b"<!--" in head else head)
    return match[1].decode("ascii").lower() if match else None


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_chinese(text: str) -> bool:
    """Whether the CJK part reads like prose: two in a hundred of its characters are among the commonest."""
    cjk = sum(map(len, _CJK.findall(text, 0, _JUDGED)))
    return cjk > 0 and len(_COMMON.findall(text, 0, _JUDGED)) * 50 >= cjk


def _detect(body: bytes) -> str | None:
    # Imported late: it takes 30 ms to import and hardly a page needs it.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(body[:_DETECT_BYTES], cp_exclusion=["utf_7"]).best()
    return best.encoding if best is not None else None


def _lenient(body: bytes, candidates: list[str]) -> tuple[str, str]:
    """The candidate that leaves the fewest undecodable characters, which become U+FFFD."""
    best: tuple[float, str, str] | None = None
    for encoding in dict.fromkeys(candidates):
        text = body.decode(encoding, "replace")
        bad = text.count("\ufffd")
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        share = bad / foreign if foreign else 0.0
        if best is None or share < best[0]:
            best = (share, text, encoding)
    if best is None or best[0] > _MAX_BAD_SHARE:
        raise UnreadablePageError("not text in any known encoding")
    return best[1], best[2]


_BLANK = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"


def _refuse_binary(body: bytes) -> None:
    if not body[:4096].strip(_BLANK) and not body.strip(_BLANK):
        raise UnreadablePageError("empty answer")
    start = body[:64].lstrip(b" \t\r\n")
    if start.startswith(_MAGIC):
        what = next(what for magic, what in _BINARY.items() if start.startswith(magic))
        raise UnreadablePageError(f"not a page but {what}")


def _without_nuls(body: bytes) -> bytes:
    """Drop stray null bytes, as HTML parsers do; many of them mean that the bytes are no text."""
    if b"\x00" not in body:  # thirty times faster than counting
        return body
    if body.count(0) > len(body) * _MAX_NUL_SHARE:
        raise UnreadablePageError("binary data (null bytes)")
    return body.replace(b"\x00", b"")


def _utf16_without_mark(body: bytes) -> str | None:
    """Markup and ASCII punctuation in UTF-16 leave every second byte null."""
    head = body[:2000]
    odd, even = head[1::2].count(0), head[::2].count(0)
    enough = len(head) // 8
    if odd > enough and even * 3 < odd:
        return "utf-16-le"
    if even > enough and odd * 3 < even:
        return "utf-16-be"
    return None


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """The text of an answer (HTML, XML or JSON) and the Python name of the encoding it was decoded by.

    Args:
        body: the bytes as received, already unzipped.
        content_type: the value of the Content-Type header.

    Raises:
        UnreadablePageError: the bytes are empty, binary, or text in no known encoding.

    """
    _refuse_binary(body)
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(encoding, "replace")
            if text.count("\ufffd") * 100 <= len(text):
                return text.replace("\x00", ""), encoding
    if b"\x00" in body[:2000] and (wide := _utf16_without_mark(body)) and (text := _strict(body, wide) or ""):
        return text.replace("\x00", ""), wide
    body = _without_nuls(body)
    sample = body[:2048]
    if (len(sample) - len(sample.translate(None, _CONTROL))) * 20 > len(sample):
        raise UnreadablePageError("binary data (control characters)")
    return _by_declaration(body, content_type)


def _by_declaration(body: bytes, content_type: str | None) -> tuple[str, str]:
    utf8 = _strict(body, "utf-8")
    if utf8 is not None and _HAN.search(utf8):
        return utf8, "utf-8"
    header = _HEADER.search(content_type[:500]) if content_type else None
    named = [_LABELS[name] for name in (_declared(body), header[1].lower() if header else None) if name in _LABELS]
    if utf8 is not None and (len(utf8) == len(body) or not named):
        return utf8, "utf-8"
    for encoding in named:
        text = _strict(body, encoding)
        if text is not None:
            return text, encoding
    if utf8 is not None:
        return utf8, "utf-8"
    return _by_content(body, named)


def _by_content(body: bytes, named: list[str]) -> tuple[str, str]:
    chinese = _strict(body, "gb18030")
    if chinese is not None and _looks_chinese(chinese):
        return chinese, "gb18030"
    if (broken := body.decode("utf-8", "ignore")) and _looks_chinese(broken):
        return _lenient(body, ["utf-8", *named, "gb18030"])  # a few destroyed bytes
    broken = body.decode("gb18030", "ignore")
    if _looks_chinese(broken):
        return _lenient(body, ["gb18030", *named])
    detected = _detect(body)
    if detected is not None and (text := _strict(body, detected) or ""):
        return text, detected
    return _lenient(body, [*named, "utf-8", "gb18030"])
