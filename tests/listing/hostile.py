"""Pages that no list is: each as a function that makes its bytes, for the tests and `python -m benchmarks.hostile`."""

from collections.abc import Callable

LARGEST = 19_900_000
"""Bytes; a little below the 20 MB from which a page is refused unread."""
ROW = '<li><a href="/a/t20260101_{}.html">一条信息的标题文字第{}条</a><span>2026-01-01</span></li>'
CELLS = "<tr><td>1</td><td><a href=/a/content_{0}.html>关于做好第{0}批防汛工作的通知</a></td><td>2026-09-18</td></tr>"
PAIR = "<div><a href=/x1234.html>一条信息的标题</a><a href=/x1235.html>一条信息的标题</a></div>"
LONG = f'<li><a href="/a/t20260101_{{0}}.html">{"长" * 3000}</a>2026-01-01</li>'
RICH = (
    '<li class="item"><i class="dot"></i>'
    '<a href="/zwgk/202609/t20260918_{0}.html" title="关于做好第{0}批防汛工作的通知">'
    '<span class="t">关于做好第{0}批防汛工作的通知</span></a><em>[<b>2026-09-18</b>]</em></li>'
)


def _rows(row: str, count: int) -> str:
    return "".join(row.format(*[i] * row.count("{}")) if "{}" in row else row.format(i) for i in range(count))


def _filled(piece: str, start: str = "", end: str = "") -> str:
    """As many pieces as fit into the largest page."""
    return start + piece * ((LARGEST - len(start.encode()) - len(end.encode())) // len(piece.encode())) + end


HTML: dict[str, Callable[[], str]] = {
    "deep": lambda: "<div>" * 100_000,
    "deep, 20 MB": lambda: _filled("<div>"),
    "deep with a row": lambda: "<div>" * 3_000 + ROW,
    "unclosed rows": lambda: "<ul><li><a href=/a12345.html>一条信息的标题文字</a>2026-01-01" * 3_000,
    "attributes": lambda: "<a " + " ".join(f"a{i}=1" for i in range(1_000_000)) + ">x",
    "unclosed comments": lambda: "<!--" * 1_000_000,
    "unclosed comments, 20 MB": lambda: _filled("<!--"),
    "one comment": lambda: _filled("<a href=x>", "<!--"),
    "lists in comments": lambda: ("<!--" + _rows(ROW, 3_000) + "-->") * 6,
    "many rows": lambda: "<ul>" + _rows(ROW, 30_000) + "</ul>",
    "many rows, 20 MB": lambda: _filled(ROW, "<ul>"),
    "rich rows": lambda: "<html><body><ul>" + _rows(RICH, 60_000) + "</ul></body></html>",
    "rows of a table": lambda: "<html><table>" + _rows(CELLS, 110_000) + "</table>",
    "many lists": lambda: "<html><body>" + f"<div><h3>栏目</h3><ul>{_rows(RICH, 8)}</ul></div>" * 6_000,
    "rows of two links": lambda: PAIR * 20_000,
    "one row of dates": lambda: "<ul><li><a href=/x1.html>标题</a>" + "<b>2026-01-01</b>" * 60_000 + "</ul>",
    "one row": lambda: "<ul><li>" + _rows("<a href=/x{0}.html>一条信息的标题文字</a>", 30_000) + "2026-01-01</ul>",
    "breaks": lambda: "<a href=/x1234.html>一条信息的标题</a>2026-01-01<br>" * 50_000,
    "pager of numbers": lambda: "<a href=?page=1>1</a>" * 50_000,
    "inputs": lambda: "<form>" * 100 + "<input name=page value=1>" * 50_000,
    "forms": lambda: "<form><input name=page value=1></form>" * 40_000,
    "onclick": lambda: '<a onclick="' + "'a'" * 1_000_000 + '">x</a>',
    "brackets": lambda: "<li><a href=/x1234.html>" + "[(" * 1_000_000,
    "dots": lambda: "<a href=/x1.html>" + "." * 2_000_000 + "</a>",
    "digits": lambda: "<p>" + "2026-" * 500_000,
    "long titles": lambda: "<ul>" + _rows(LONG, 2_000),
    "short texts": lambda: "<p>共</p><p>2</p><p>0</p>" * 30_000,
    "calls": lambda: "<script>" + "createPageHTML(" * 500_000,
    "counts": lambda: "<script>" + "var countPage = 3;'" * 200_000,
    "addresses": lambda: "<script>$.ajax(" + "'/api/x?a=1'," * 300_000,
    "scripts": lambda: '<script>createPageHTML(3, 0, "index", "html")</script>' * 90_000,
    "templates": lambda: "<script>" + "{{" * 1_000_000,
    "nothing but text": lambda: _filled("中", "<p>"),
    "nothing but space": lambda: _filled(" ", "<p>"),
    "entities in a text": lambda: _filled("&amp;", "<p>"),
    "headings": lambda: "<h2>2026年</h2><ul><li><a href=/x123456.html>一条信息的标题文字</a></ul>" * 20_000,
    "metas": lambda: '<meta name="ColumnName" content="要闻">' * 50_000 + ROW,
    "null bytes": lambda: "<ul>" + ROW.format(1, 1).replace("<", "\x00<") + "</ul>",
    "null bytes, 20 MB": lambda: _filled(ROW * 3 + "\x00"),
}  # fmt: skip
ANSWERS: dict[str, Callable[[], str]] = {
    "datastore": lambda: "<datastore><recordset>" + '<record><![CDATA[<li><a href="/a1.html">x' * 100_000,
    "records": lambda: "<datastore><recordset>" + _rows(f"<record><![CDATA[{RICH}]]></record>", 50_000),
    "one record": lambda: _filled("<li><a href=/a1>x</a>", "<datastore><recordset><record><![CDATA["),
    "broken records": lambda: "<datastore>" + "<record><![CDATA[<!--<div></table>]]></record>" * 600 + "</datastore>",
    "an array in a script": lambda: _filled(
        "'<li><a href=/a1.html>标题</a></li>',", "var totalRecord=1;dataStore=[", "];"
    ),
    "deep JSON": lambda: "[" * 1_000_000,
    "deep objects": lambda: '{"a":' * 50_000 + "1" + "}" * 50_000,
    "lists in lists": lambda: "[" + ",".join('[{"a":"b"}]' for _ in range(100_000)) + "]",
    "empty lists": lambda: _filled("[],", "[", "1]"),
    "small objects": lambda: _filled('{"a":1},', "[", "1]"),
    "keys": lambda: "{" + ",".join(f'"{i}":1' for i in range(1_500_000)) + "}",
    "rows of JSON": lambda: '{"rows":[' + ",".join(
        f'{{"title":"关于做好第{i}批防汛工作的通知","url":"/a/{i}.html","date":"2026-09-18"}}' for i in range(60_000)
    ) + "]}",
    "rows of HTML in JSON": lambda: '{"result":[' + ",".join(
        '"' + RICH.format(i).replace('"', '\\"') + '"' for i in range(50_000)
    ) + "]}",
    "callbacks": lambda: "callback(" * 300_000,
    "callbacks, 20 MB": lambda: _filled("callback("),
    "entities": lambda: '{"result":["<' + "&lt;" * 500_000 + '"]}',
    "surrogates": lambda: '{"rows":[{"title":"\\ud800标题文字很长","url":"/a\\udc00/1.html","date":"2026-01-01"}]}',
    "huge numbers": lambda: '[{"TITLE":"标题","URL":"/a/1.htm","DOCRELPUBTIME":1e400},'
    '{"TITLE":1,"URL":2,"DOCRELPUBTIME":[]}]',
    "deep XML": lambda: '<?xml version="1.0"?><rss>' + "<a>" * 200_000,
    "empty elements": lambda: _filled("<a/>", '<?xml version="1.0"?><rss>', "</rss>"),
    "XML attributes": lambda: '<?xml version="1.0"?><rss ' + " ".join(f'a{i}="1"' for i in range(1_000_000)) + "/>",
    "XML items": lambda: '<?xml version="1.0"?><rss>' + _rows(
        "<item><title>第{0}条</title><link>http://a.cn/{0}.html</link></item>", 80_000
    ) + "</rss>",
    "entity bomb": lambda: '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY b{i} "{(f"&b{i - 1};" if i else "&a;") * 10}">' for i in range(9))
    + "]><rss><item><title>&b8;</title><link>http://a.cn/b</link></item></rss>",
}  # fmt: skip


def _encoded(make: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: make().encode("utf-8", "surrogatepass")


CORPUS: dict[str, Callable[[], bytes]] = {
    **{name: _encoded(make) for name, make in (HTML | ANSWERS).items()},
    "in GBK": lambda: ("<html><meta charset=gbk><ul>" + _rows(RICH, 60_000)).encode("gb18030"),
    "in UTF-16": lambda: ("\ufeff<html><ul>" + ROW * 100_000).encode("utf-16-le"),
    "in nothing known": lambda: b"<p>" + bytes(range(0x80, 0xFF)) * 150_000,
}
