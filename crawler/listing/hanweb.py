"""Hanweb: records in `<datastore>` XML, embedded in the column page and answered by `…/jpage/dataproxy.jsp`.

The old generation answers them as a JavaScript array, the new one (jpaas) as HTML inside JSON.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crawler.items import ListPage
from crawler.listing.generic import fragment_outline, read_fragments, read_main_list
from crawler.listing.paging import Turn, is_last, with_param
from crawler.listing.source import MAX_ENTRIES
from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.listing.outline import Outline
    from crawler.listing.rows import Found
    from crawler.listing.source import Source

_NUMBER = re.compile(r"<(totalrecord|totalpage)>\s{0,9}(\d{1,8})", re.IGNORECASE)
_SCRIPT_NUMBER = re.compile(r"\b(totalRecord|totalPage|perPage|groupSize)['\"]?\s{0,5}[:=]\s{0,5}['\"]?(\d{1,8})")
_PARAM = re.compile(
    r"\b(col|appid|webid|path|columnid|unitid|sourceContentType|webname|permissiontype)['\"]?\s{0,5}:\s{0,5}(?:'([^'\n]{0,200})'|\"([^\"\n]{0,200})\"|(\d{1,12}))"
)
_PARAM_NAMES = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
_PROXY = re.compile(r"[\w/.:-]{0,200}/jpage/dataproxy\.jsp")
_STRING = re.compile(r"'((?:[^'\\]|\\.){0,20000})'|\"((?:[^\"\\]|\\.){0,20000})\"")
_DEFAULT_PROXY = "/module/web/jpage/dataproxy.jsp"
_JPAAS = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_PAGE_NO = re.compile(r'("pageNo"\s{0,5}:\s{0,5}"?)(\d{1,6})')
_PAGE_SIZE = re.compile(r'"pageSize"\s{0,5}:\s{0,5}"?(\d{1,5})')
_QUERY_DATA = re.compile(r"'([A-Za-z]{1,40})'\s{0,5}:\s{0,5}'([^']{0,200})'")


def _records(text: str) -> Iterator[str]:
    """The HTML of each `<record>`; linear, however broken the text is."""
    at = 0
    for _ in range(MAX_ENTRIES):
        start = text.find("<record>", at)
        if start < 0:
            return
        start += len("<record>")
        end = text.find("</record>", start)
        if end < 0:
            return
        record = text[start:end].strip()
        if record.startswith("<![CDATA["):
            record = record[9:].removesuffix("]]>")
        elif record.startswith("&lt;"):
            record = html.unescape(record)
        yield record
        at = end


def is_datastore(text: str) -> bool:
    """Whether a text is such an answer, or holds one."""
    return "<datastore" in text or "<recordset>" in text


def _claimed(text: str) -> tuple[int | None, int | None]:
    found = {name.lower(): int(value) for name, value in _NUMBER.findall(text[:5000] + text[-5000:])}
    return found.get("totalrecord"), found.get("totalpage")


def read_answer(source: Source) -> ListPage:
    """An answer of dataproxy.jsp: XML, or the JavaScript array of old sites."""
    if is_datastore(source.text):
        records = list(_records(source.text))
        total, pages = _claimed(source.text)
    else:
        records, total, pages = _array(source.text)
    found = read_fragments(records, source.url)
    entries = source.entries((f.url, f.title, f.published_at) for f in found)
    turn = _following(source.url, len(found), total)
    reason = None if entries else "the answer holds no records"
    dated = sum(e.published_at is not None for e in entries)
    confidence = (
        0.8 + 0.19 * dated / len(entries) if entries else 0.6 if total == 0 or is_datastore(source.text) else 0.1
    )
    return ListPage(
        entries=entries, next_url=turn, confidence=round(confidence, 2), reason=reason, total=total, pages=pages
    )


def _array(text: str) -> tuple[list[str], int | None, int | None]:
    """`totalRecord=714;totalPage=27;dataStore=['<li>…</li>', …]`."""
    found = {name: int(value) for name, value in _SCRIPT_NUMBER.findall(text[:5000])}
    start = text.find("dataStore")
    records = []
    if start >= 0:
        for match in _STRING.finditer(text, start):
            record = (match[1] or match[2] or "").replace("\\'", "'").replace('\\"', '"').replace("\\/", "/")
            if "<" in record:
                records.append(record)
            if len(records) >= MAX_ENTRIES:
                break
    return records, found.get("totalRecord"), found.get("totalPage")


def _following(url: str, rows: int, total: int | None) -> str | None:
    """The window after the one asked for. It moves on by what was asked: answers may hold a record more or less."""
    query = {
        name.lower(): (name, value) for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)[:100]
    }
    first, last = query.get("startrecord"), query.get("endrecord")
    if first and last and _whole(first[1]) and _whole(last[1]):
        start, end = int(first[1]), int(last[1])
        width = end - start + 1
        if width < 1 or not rows or (total is not None and end >= total >= start - 1 + rows):
            return None
        return with_param(with_param(url, first[0], str(end + 1)), last[0], str(end + width))
    if "dataproxy" in urlsplit(url).path and (page := query.get("page")) and _whole(page[1]) and rows:
        if is_last(int(page[1]), rows, total=total, pages=None):
            return None
        return with_param(url, page[0], str(int(page[1]) + 1))
    return None


def _whole(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 9


def embedded(page: Outline, source: Source) -> tuple[list[Found], Turn] | None:
    """The records that a column page holds in a script or a comment, and where the following ones are."""
    for at, text in [*page.scripts, *page.comments]:
        if not is_datastore(text):
            continue
        records = list(_records(text))
        if not records:
            continue
        total, pages = _claimed(text)
        return read_fragments(records, source.url), _after_embedded(page, source, at, text, len(records), total, pages)
    return None


def _settings(page: Outline, near: int) -> tuple[str, dict[str, str], dict[str, int]]:
    """The jpage settings in the scripts after (or else before) a position: proxy, parameters, numbers."""
    scripts = sorted(page.scripts, key=lambda s: (s[0] < near, abs(s[0] - near)))
    proxy = ""
    params: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for _, script in scripts[:200]:
        head = script[:100_000]
        if is_datastore(head) or ("jpage" not in head and "columnid" not in head):
            continue
        if not proxy and (match := _PROXY.search(head)):
            proxy = match[0]
        for name, single, double, number in _PARAM.findall(head):
            params.setdefault(name, single or double or number)
        for name, value in _SCRIPT_NUMBER.findall(head):
            numbers.setdefault(name, int(value))
    return proxy, params, numbers


def _after_embedded(
    page: Outline, source: Source, at: int, text: str, rows: int, total: int | None, pages: int | None
) -> Turn:
    proxy, params, numbers = _settings(page, at)
    hinted = dict(source.hints.params) if source.hints is not None else {}
    named = _nextgroup(text)
    if named is not None:
        for name, value in parse_qsl(urlsplit(named).query, keep_blank_values=True)[:50]:
            if name in _PARAM_NAMES:
                params.setdefault(name, value)
        proxy = proxy or urlsplit(named).path
    if "/" in hinted.get("path", "") and "dataproxy" in hinted["path"]:
        proxy = hinted.pop("path")
    params.update({name: value for name, value in hinted.items() if name in _PARAM_NAMES})
    total = total if total is not None else numbers.get("totalRecord")
    per = numbers.get("perPage", 0)
    if pages is None and total is not None and per:
        pages = -(-total // per)
    if total is not None and rows >= total:
        return Turn(None, total, pages, 1, known=True)
    if not {"columnid", "unitid"} <= params.keys():
        return Turn(urls.join(source.url, named) if named else None, total, pages, 1, known=named is not None)
    params = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"} | params
    window = [("startrecord", str(rows + 1)), ("endrecord", str(rows * 2)), ("perpage", str(per or rows))]
    query = urlencode([*window, *((n, params[n]) for n in _PARAM_NAMES if n in params)], safe="/", quote_via=quote)
    return Turn(urls.join(source.url, f"{proxy or _DEFAULT_PROXY}?{query}"), total, pages, 1, known=True)


def _nextgroup(text: str) -> str | None:
    start = text.find("<nextgroup>")
    end = text.find("</nextgroup>", start)
    if start < 0 or end < 0:
        return None
    inner = text[start + 11 : end].strip().removeprefix("<![CDATA[").removesuffix("]]>")
    match = re.search(r"href\s{0,5}=\s{0,5}['\"]([^'\"]{1,1000})['\"]", inner[:5000])
    return html.unescape(match[1]) if match else None


def interface(page: Outline, source: Source) -> str | None:
    """The interface that a shell names: jpaas by attributes of a script, jpage by its settings."""
    for at, tag in enumerate(page.tags):
        if tag != "script":
            continue
        attributes = page.nodes[at].attributes
        data = attributes.get("querydata")
        if data:
            query = _QUERY_DATA.findall(data[:2000].replace('"', "'"))
            query.append(("paramJson", '{"pageNo":1,"pageSize":15}'))
            return urls.join(
                source.url, f"{attributes.get('url') or _JPAAS}?{urlencode(query, safe='/', quote_via=quote)}"
            )
    proxy, params, numbers = _settings(page, 0)
    if {"columnid", "unitid"} <= params.keys():
        per = numbers.get("perPage", 15)
        window = [("startrecord", "1"), ("endrecord", str(per * 3)), ("perpage", str(per))]
        known = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"} | params
        query_text = urlencode(
            [*window, *((n, known[n]) for n in _PARAM_NAMES if n in known)], safe="/", quote_via=quote
        )
        return urls.join(source.url, f"{proxy or _DEFAULT_PROXY}?{query_text}")
    return None


def read_unit(markup: str, source: Source) -> tuple[list[Found], int | None]:
    """The HTML that jpaas answers inside JSON: its rows and their total."""
    page = fragment_outline(markup, source.url)
    total = None
    for node in page.nodes[:500]:
        count = node.attributes.get("count") if node.is_element_node else None
        if count and _whole(count):
            total = int(count)
            break
    reading = read_main_list(page, source)
    return (reading.found if reading else []), total


def unit_turn(url: str, rows: int, total: int | None) -> Turn:
    """Where a jpaas unit goes on: the page number stands in JSON inside the parameter `paramJson`."""
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)[:100])
    match = _PAGE_NO.search(query.get("paramJson", ""))
    if match is None:
        return Turn()
    number = int(match[2])
    size = _PAGE_SIZE.search(query["paramJson"])
    if not rows or is_last(number, rows, total=total, pages=None, size=int(size[1]) if size else None):
        return Turn(None, total, known=True)
    changed = query["paramJson"][: match.start()] + f"{match[1]}{number + 1}" + query["paramJson"][match.end() :]
    return Turn(with_param(url, "paramJson", changed), total, known=True)
