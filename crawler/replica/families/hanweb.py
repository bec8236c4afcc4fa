# ruff: noqa: E501 - answers are more readable on one line
"""Hanweb: jpage in all its answers, jpaas, jsearch, jpolicy and the disclosure catalogue."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import HTML, SCRIPT, XML, Family, dump, joined, link, percent

if TYPE_CHECKING:
    from crawler.replica.families.family import Answer, Row

_ARTICLE: Final = "/art/$y/$month/$day/art_${code}_$number.html"
_ZOOM: Final = '<div id="zoom" class="bt_content">'
_UNIT: Final = "7893307"
_LINK_DO: Final = "visit/link.do?url=$url&q=&webid=1"


def _store(answer: Answer, records: str) -> str:
    return f"<datastore><totalrecord>{answer.total}</totalrecord><totalpage>{answer.pages}</totalpage><recordset>{records}</recordset></datastore>"


def _href_first(row: Row) -> str:
    return f'<li><a href="{escape(row.path)}" target="_blank" title="{escape(row.plain)}">{escape(row.shown)}</a><span>{row.day}</span></li>'


def _title_first(row: Row) -> str:
    return f'<li><a title="{escape(row.plain)}" target="_blank" href="{escape(row.path)}">{escape(row.shown)}</a><b readlabel="{row.day}">{row.day}</b></li>'


def _jpage(answer: Answer) -> str:
    return _store(answer, joined(answer.rows, lambda row: f"<record><![CDATA[{_href_first(row)}]]></record>"))


def _jpage_escaped(answer: Answer) -> str:
    return _store(answer, joined(answer.rows, lambda row: f"<record>{escape(_title_first(row))}</record>"))


def _jpage_array(answer: Answer) -> str:
    rows = ",".join("'" + _href_first(row).replace("'", "\\'") + "'" for row in answer.rows)
    return f"var totalRecord={answer.total}.0;totalPage={answer.pages};dataStore=[{rows}];"


def _jpaas(answer: Answer) -> str:
    items = joined(answer.rows, lambda row: f"<li>{link(row)}<span>{row.day}</span></li>")
    unit = f'<div id="unit" count="{answer.total}"><ul class="cf">{items}</ul></div>'
    return dump({"success": True, "message": "", "code": "200", "data": {"html": unit}})


def _jsearch(answer: Answer) -> str:
    rows = [
        {
            "pkValue": f"1_{answer.code}_{row.number}",
            "score": 4.5,
            "data": {
                "filenumber": row.doc_number,
                "articleid": str(row.number),
                "checktime": f"{int(row.later.timestamp())}000",
                "createdate": row.at("epoch-text"),
                "deploytime": f"{int(row.later.timestamp())}000",
                "compaltedate": f"{row.written:%Y-%m-%d}",
                "title": row.title,
                "title_str": row.plain,
                "columnurl": f"{answer.base}/col/col{answer.code}/index.html",
                "content": row.text,
                "url": row.url,
            },
        }
        for row in answer.rows
    ]
    return dump({"status": "1", "dataResults": rows, "total": answer.total, "totalHits": answer.total, "errors": None})


def _snippet(row: Row) -> str:
    return (
        f'<div class="jcse-result-box news-result">\r\n<div class="jcse-news-title"><span>[要闻]</span>'
        f'<a href="{escape(Template(_LINK_DO).substitute(url=percent(row.url)))}" target="_blank">{row.title}</a></div>\r\n'
        f'<div class="jcse-news-abs-content">{escape(row.text)}</div>\r\n'
        f'<div class="jcse-news-other-info"><span class="jcse-news-date">时间：{row.day}</span></div></div>'
    )


def _snippets(answer: Answer) -> str:
    return dump({"result": [_snippet(row) for row in answer.rows], "total": answer.total, "cost": 64.0})


def _jpolicy(answer: Answer) -> str:
    rows = [
        {
            "iid": str(row.number),
            "title": row.title,
            "publishDate": row.at("day"),
            "createDate": f"{row.written}",
            "fileNumber": row.doc_number,
        }
        for row in answer.rows
    ]
    return dump({"success": True, "data": {"list": rows, "total": answer.total, "pageNo": answer.page}})


def _catalogue(answer: Answer) -> str:
    def row(one: Row) -> str:
        kind = "odd" if one.place % 2 else "even"
        return (
            f'<tr class="tr_main_value_{kind}"><td>{one.place}</td><td><a href="{one.path}" mc="{escape(one.plain)}" syh="{one.index_number}" rq="{one.day}" '
            f'wh="{one.doc_number}" target="_blank">{escape(one.shown)}</a></td><td>{one.day}</td></tr>'
        )

    rows = joined(answer.rows, row)
    return (
        f'<table class="table_suojia"><tbody>\n<tr><td>序号</td><td>名称</td><td>发布日期</td></tr>\n{rows}\n</tbody></table>\n'
        f'<div class="pagination">共&nbsp;{answer.total}&nbsp;条记录&nbsp;&nbsp;第&nbsp;{answer.page}/{answer.pages}&nbsp;页</div>'
    )


_COLUMNS: Final = (
    {"id": "policy", "name": "政策文件", "kind": "policy", "channel": "1229017138"},
    {"id": "news", "name": "要闻", "kind": "news", "channel": "1229017139"},
)

FAMILIES: Final = (
    Family(
        id="jpage",
        cms="hanweb",
        url=f"/module/jpage/dataproxy.jsp?startrecord=$start&endrecord=$stop&perpage=$size&col=1&appid=1&webid=3096&path=/&columnid=$code&sourceContentType=3&unitid={_UNIT}&permissiontype=0",
        answer=_jpage,
        article=_ARTICLE,
        facts="dataproxy.jsp by windows (Zhejiang): one record more than was asked for, so that windows overlap (Jiangsu)",
        sections=_COLUMNS,
        hints={"adapter": "jpage"},
        media_type=XML,
        more=1,
        body=_ZOOM,
    ),
    Family(
        id="jpage-pages",
        cms="hanweb",
        url=f"/module/web/jpage/dataproxy.jsp?page=$page&webid=5&columnid=$code&unitid={_UNIT}",
        answer=_jpage_escaped,
        article=_ARTICLE,
        facts="dataproxy.jsp by pages, title before href, records escaped instead of fenced",
        sections=_COLUMNS,
        hints={"adapter": "jpage"},
        media_type=XML,
        body=_ZOOM,
    ),
    Family(
        id="jpage-array",
        cms="hanweb",
        url=f"/module/jslib/jquery/jpage/dataproxy.jsp?page=$page&webid=5&columnid=$code&unitid={_UNIT}",
        answer=_jpage_array,
        article=_ARTICLE,
        facts="the old generation (Gansu): a JavaScript array, totalRecord with a decimal",
        sections=_COLUMNS,
        media_type=SCRIPT,
        body=_ZOOM,
    ),
    Family(
        id="jpaas",
        cms="hanweb",
        url="/api-gateway/jpaas-publish-server/front/page/build/unit?parseType=bulidstatic&webId=3096&tplSetId=WbsMJ2&pageType=column&tagId=%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AElist&editType=null&pageId=$code&paramJson=%7B%22pageNo%22%3A$page%2C%22pageSize%22%3A$size%7D",
        answer=_jpaas,
        article="/col/col$code/art/$y/art_$hex.html",
        facts="jpaas: HTML inside JSON, the page number in JSON inside a parameter, the total in the attribute count",
        sections=_COLUMNS,
        error=dump({"success": False, "message": "参数错误", "code": "500", "data": None}),
        body=_ZOOM,
    ),
    Family(
        id="jsearch",
        cms="hanweb",
        url="/jsearchfront/interfaces/search.do",
        post="websiteid=330482000000000&pg=$size&p=$page&cateid=$code",
        answer=_jsearch,
        article=_ARTICLE,
        facts="jsearch as data (Zhejiang): POST of a form, times in epoch milliseconds as text, deploytime later",
        sections=_COLUMNS,
        hints={"adapter": "jsearch"},
        body=_ZOOM,
    ),
    Family(
        id="jsearch-snippets",
        cms="hanweb",
        url="/jsearchfront/interfaces/cateSearch.do",
        post="websiteid=330482000000000&pg=$size&p=$page&cateid=$code&q=通知",
        answer=_snippets,
        article=_ARTICLE,
        facts="jsearch as HTML snippets (Jiangxi): links built by rule lead through visit/link.do beside the interface",
        sections=_COLUMNS,
        hints={"adapter": "jsearch-snippets"},
        body=_ZOOM,
        marks=True,
        through=f"/jsearchfront/{_LINK_DO}",
    ),
    Family(
        id="jpolicy",
        cms="hanweb",
        url="/jpaas-jpolicy-console-server/interface/getPolicyByOrgId?title=&year=&category=1&orgId=$code&validity=&pageNo=$page&pageSize=$size&sortKey=publish_date",
        answer=_jpolicy,
        article="/jpaas-jpolicy-web-server/front/info/detail?iid=$number",
        facts="jpolicy (Shandong): no address in the row, it is built from iid",
        sections=_COLUMNS,
        hints={"adapter": "jpolicy", "page_param": "pageNo"},
        body=_ZOOM,
        forms=("article",),
    ),
    Family(
        id="catalogue",
        cms="hanweb",
        url="/module/xxgk/search.jsp?standardXxgk=0&sortfield=compaltedate:0&fbtime=&texttype=0&vc_all=&area=$code&currpage=$page",
        answer=_catalogue,
        article=_ARTICLE,
        facts="module/xxgk (Zhejiang, Jiangxi): rows tr_main_value_odd and _even, facts in attributes of the link",
        sections=_COLUMNS,
        hints={"page_param": "currpage"},
        media_type=HTML,
        framed=True,
        body=_ZOOM,
    ),
)
