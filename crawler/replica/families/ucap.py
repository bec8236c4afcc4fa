"""The /common/search platform and its relatives, and the searches of the national portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import HTML, Family, dump, joined, link

if TYPE_CHECKING:
    from crawler.replica.families.family import Answer, Row

_UCAP: Final = '<div class="article_content article_content_body" id="UCAP-CONTENT">'
_CHANNELS: Final = (
    {"id": "policy", "name": "政策文件", "kind": "policy", "channel": "817052cbb3a94d0d8217824e7a3aca53"},
    {"id": "news", "name": "要闻", "kind": "news", "channel": "b9e6fb997e274f05a8f8b0f2b7582a1c"},
)


def _results(rows: tuple[Row, ...]) -> list[dict[str, object]]:
    return [
        {
            "title": row.title,
            "url": row.path,
            "publishedTimeStr": row.at("second"),
            "publishedTime": int(row.when.timestamp()) * 1000,
            "createDate": int(row.later.timestamp()) * 1000,
            "memo": row.text,
            "domainMetaList": [],
        }
        for row in rows
    ]


def _common_search(answer: Answer) -> str:
    data = {
        "results": _results(answer.rows),
        "total": answer.total,
        "rows": answer.size,
        "page": answer.page,
        "channelId": answer.code,
    }
    return dump({"data": data, "success": True})


def _common_search_html(answer: Answer) -> str:
    rows = joined(
        answer.rows, lambda row: f'<li><div class="title">{link(row)}</div><div class="date">{row.day}</div></li>'
    )
    return f'<ul id="body">\n{rows}\n</ul>\n'


def _conditions(answer: Answer) -> str:
    rows = [
        {
            "title": row.title,
            "url": row.path,
            "publishedTime": row.at("second"),
            "fileNum": row.doc_number,
            "writeTime": f"{row.written} 00:00:00",
        }
        for row in answer.rows
    ]
    return dump({"results": rows, "pageNum": answer.page})


def _so_gov(answer: Answer) -> str:
    rows = [
        {
            "id": row.number,
            "data": {
                "titleO": row.plain,
                "title": row.title,
                "docDate": row.at("day"),
                "url": row.url,
                "siteLabel": answer.name,
                "summary": row.text,
            },
        }
        for row in answer.rows
    ]
    return dump({"ok": True, "totalHits": answer.total, "page": answer.page, "resultDocs": rows})


def _library(answer: Answer) -> str:
    """Two lists in one answer: documents of the State Council, and those of ministries."""

    def rows(remainder: int) -> list[dict[str, object]]:
        return [
            {
                "title": row.title,
                "url": row.url,
                "pubtime": int(row.when.timestamp()) * 1000,
                "pubtimeStr": f"{row.when:%Y.%m.%d}",
                "ptime": f"{row.written:%Y.%m.%d}",
                "pcode": row.doc_number,
                "summary": row.text,
            }
            for row in answer.rows
            if row.place % 2 == remainder
        ]

    lists = {name: {"listVO": rows(remainder)} for name, remainder in (("gongwen", 1), ("bumenfile", 0))}
    found = {
        "catMap": lists,
        "listVO": [],
        "totalCount": answer.total,
        "totalpage": answer.pages,
        "currentPage": answer.page,
    }
    return dump({"code": 200, "msg": "操作成功", "searchVO": found})


FAMILIES: Final = (
    Family(
        id="common-search",
        cms="ucap",
        url="/common/search/$code?page=$page&_pageSize=$size&_isAgg=true&_isJson=true&_template=index&_rangeTimeGte=&_channelName=",
        answer=_common_search,
        article="/hlj/c108378/$y$m/c00_$number.shtml",
        facts="/common/search (Heilongjiang, Gansu): publishedTimeStr, total, rows; addresses of months",
        sections=_CHANNELS,
        hints={
            "entries": "data.results",
            "item": "url",
            "title": "title",
            "date": "publishedTimeStr",
            "total": "data.total",
            "page_param": "page",
        },
        body=_UCAP,
    ),
    Family(
        id="common-search-html",
        cms="ucap",
        url="/common/search/$code?sort=publishedTime&_isAgg=false&_isJson=false&_pageSize=$size&_template=hainan&page=$page",
        answer=_common_search_html,
        article="/hainan/c100/$y$m/$hex.shtml",
        facts="the same as HTML (Hainan, Gansu): a fragment without a pager, empty past the end",
        sections=_CHANNELS,
        hints={"adapter": "ucap", "page_param": "page"},
        media_type=HTML,
        body="<ucapcontent>",
    ),
    Family(
        id="conditions",
        cms="ucap",
        url="/cms-scsrmzf/qryZFWJListByConditionsNew",
        post='{"pageSize":$size,"pageNum":"$page","channelId":["$code"]}',
        answer=_conditions,
        article="/10462/c108551/$y/$month/$day/$hex.shtml",
        facts="qryZFWJListByConditionsNew (Sichuan): POST of JSON, the channel in a list, the page number a text",
        sections=_CHANNELS,
        hints={"entries": "results", "item": "url", "title": "title", "date": "publishedTime"},
        body='<div id="cmsArticleContent" class="contText">',
    ),
    Family(
        id="so-gov",
        cms="ucap",
        url="/so/ss/query/s",
        post="siteCode=$code&tab=all&qt=通知&sort=dateDesc&page=$page&pageSize=$size",
        answer=_so_gov,
        article="/zhengce/zhengcefagui/$y$m/t$y$m${d}_$number.html",
        facts="so-gov (Beijing, Sichuan, Yunnan): POST of a form; titleO beside a marked title",
        sections=({"id": "policy", "name": "政策文件", "kind": "policy", "channel": "1100000088"},),
        hints={"adapter": "so-gov"},
        body='<div id="mainText">',
        marks=True,
    ),
    Family(
        id="govcn-search",
        cms="json",
        url="/search-gov/data?t=$code&timetype=timeqb&sort=pubtime&sortType=1&searchfield=title&p=$page&n=$size&q=",
        answer=_library,
        article="/zhengce/zhengceku/$y-$m/$d/content_$number.htm",
        facts="the national library of policies: several lists in one answer, epoch milliseconds beside days with dots",
        sections=({"id": "policy", "name": "国务院政策文件库", "kind": "policy", "channel": "zhengcelibrary"},),
        hints={"adapter": "govcn-search"},
        body='<div class="pages_content" id="UCAP-CONTENT">',
        marks=True,
    ),
)
