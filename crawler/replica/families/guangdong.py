# ruff: noqa: E501 - answers are more readable on one line
"""Guangdong's platforms: gkmlpt of all units, and the search of the province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import Family, dump

if TYPE_CHECKING:
    from datetime import date

    from crawler.replica.families.family import Answer

_BODY: Final = '<div class="article-content">'


def _midnight(day: date) -> int:
    """The epoch second at which a day of Beijing begins."""
    return (day.toordinal() - 719_163) * 86_400 - 8 * 3600


def _gkmlpt(answer: Answer) -> str:
    rows = [
        {
            "id": row.number,
            "title": row.title,
            "url": row.url.removeprefix("http:") if row.place % 5 == 0 else row.url,
            "identifier": row.index_number,
            "document_number": row.doc_number,
            "publisher": row.issuer,
            "date": _midnight(row.written),
            "create_time": row.at("epoch"),
            "created_at": f"{row.when:%Y-%m-%d %H:%M:%S}",
            "type": "url" if row.external else "post",
            "classify_main": 5,
        }
        for row in answer.rows
    ]
    classify = {"id": int(answer.code), "name": "政策文件", "post_count": answer.total, "jump_url": ""}
    return dump(
        {"classify": classify, "total": answer.total, "offset": (answer.page - 1) * answer.size, "articles": rows}
    )


def _nfgov(answer: Answer) -> str:
    rows = [
        {
            "title": row.title,
            "content": row.text,
            "url": f"{answer.base}/gkmlpt/content/3/{row.number // 1000}/post_{row.number}.html",
            "post_url": row.url,
            "pub_time": row.at("day"),
            "first_publish_time": int(row.when.timestamp()),
            "create_time": int(row.when.timestamp()) - 60,
            "x_index_time": int(row.later.timestamp()),
            "date": _midnight(row.written),
            "document_number": row.doc_number,
            "id": row.number,
            "type": "file",
        }
        for row in answer.rows
    ]
    return dump(
        {"errcode": 0, "errmessage": "ok", "data": {"list": rows, "total": answer.total, "replace_keyword": ""}}
    )


FAMILIES: Final = (
    Family(
        id="gkmlpt",
        cms="gkmlpt",
        url="/gkmlpt/api/all/$code?page=$page&sid=2",
        answer=_gkmlpt,
        article="/gkmlpt/content/3/3255/post_$number.html",
        facts="gkmlpt: date is the day of writing, create_time the published epoch second; some links lack their scheme",
        sections=({"id": "policy", "name": "政府信息公开目录", "kind": "policy", "channel": "5"},),
        hints={"adapter": "gkmlpt", "page_param": "page"},
        body=_BODY,
    ),
    Family(
        id="nfgov",
        cms="gkmlpt",
        url="/api/search/file?gdbsDivision=$code&keywords=+&page=$page&position=title&range=province&sort=time",
        answer=_nfgov,
        article="/zwgk/wjk/qbwj/content/post_$number.html",
        facts="NFGov search: two addresses a row, the ordinary page counts; five times a row",
        sections=({"id": "policy", "name": "全部文件", "kind": "policy", "channel": "440000"},),
        hints={"adapter": "nfgov"},
        body=_BODY,
        marks=True,
    ),
)
