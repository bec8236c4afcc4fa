# ruff: noqa: E501 - answers are more readable on one line
"""Platforms of single provinces: Hebei, Anhui, Henan, Liaoning, Shanghai, the Xinjiang corps; and Epoint."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import HTML, Family, dump, fragment, joined, link

if TYPE_CHECKING:
    from crawler.replica.families.family import Answer, Row


def _blocks(answer: Answer) -> str:
    return fragment(
        joined(
            answer.rows,
            lambda row: (
                f'<li class="xxgk_gfxwjk-list-li"><span class="num">{row.place}</span>{link(row)}'
                f'<span class="wh">{row.doc_number}</span><span class="date">{row.day}</span></li>'
            ),
        )
    )


def _labels(answer: Answer) -> str:
    def row(one: Row) -> str:
        return (
            f'<div class="xxgk_navli"><ul class="clearfix"><li class="num">{one.place}</li><li class="mc"><a href="{one.url}" class="title" target="_blank" '
            f'title="{escape(one.plain)}">{escape(one.shown)}</a></li><li class="rq">{one.day}</li></ul></div>'
        )

    if not answer.rows:
        return '<div class="nodata">暂无相关信息</div>'
    return f'<div class="xxgk_nav_list">\n{joined(answer.rows, row)}\n</div>\n'


def _henan(answer: Answer) -> str:
    """The whole text of each document stands in the list."""
    rows = [
        {
            "selfUrl": row.url,
            "title": row.title,
            "content": row.text,
            "pubDate": row.at("second"),
            "createDate": f"{row.written} 08:00:00",
            "wh": row.doc_number,
        }
        for row in answer.rows
    ]
    return dump({"code": 200, "data": {"datas": rows, "total": answer.total, "pageNumber": answer.page}})


def _henan_search(answer: Answer) -> str:
    rows = [
        {
            "docId": f"{row.number:032x}",
            "orgInfo": [row.issuer],
            "pubDateInfo": row.day,
            "title": row.title.replace("<em>", "<span style='color:red'>").replace("</em>", "</span>"),
            "url": row.url,
            "normalTitle": row.plain,
        }
        for row in answer.rows
    ]
    return dump({"code": 200, "data": {"totalNum": answer.total, "info": rows}, "msg": "请求成功", "sysErrorMsg": ""})


def _liaoning(answer: Answer) -> str:
    """Every title has the same id."""
    rows = joined(
        answer.rows, lambda row: f'<li><span id="TITLETEXT">{link(row)}</span><span class="date">{row.day}</span></li>'
    )
    pages = "".join(
        f'<a href="661e4dc5-{number}.shtml">{number}</a>'
        for number in range(1, answer.pages + 1)
        if number != answer.page
    )
    return f'<ul class="dlist_rul">\n{rows}\n</ul>\n<div class="dlist_page">{pages}</div>'


def _shanghai(answer: Answer) -> str:
    rows = joined(answer.rows, lambda row: f'<li>{link(row)}<span class="time">{row.day}</span></li>')
    following = (
        f'<a href="index_{answer.page}.html">下一页</a>' if answer.page < answer.pages else "<span>下一页</span>"
    )
    return f'<ul class="uli14 nowrapli pageList">\n{rows}\n</ul>\n<div class="pagination">{following} 共{answer.pages}页</div>'


def _zcms(answer: Answer) -> str:
    rows = joined(answer.rows, lambda row: f"<li>{link(row)}<em>{row.day}</em></li>")
    following = (
        f'<a href="index_{answer.page + 1}.shtml">下一页</a>' if answer.page < answer.pages else "<span>下一页</span>"
    )
    return f'<ul class="list">\n{rows}\n</ul>\n<div class="pages"><span>第{answer.page}页</span>{following}<span>共{answer.total}条</span></div>'


def _epoint(answer: Answer) -> str:
    """Offsets of rows instead of pages; two dates."""
    rows = [
        {
            "title": row.title,
            "linkurl": row.path,
            "infodate": row.at("second"),
            "showdate": row.at("second"),
            "categorynum": answer.code,
            "content": row.text,
            "id": f"{row.number}_001",
        }
        for row in answer.rows
    ]
    return dump({"result": {"categorys": [], "totalcount": str(answer.total), "executetime": "0.135", "records": rows}})


def _epoint_action(answer: Answer) -> str:
    rows = [
        {
            "infoid": f"{row.number:032x}",
            "categoryname": "公告",
            "href": row.path,
            "title": row.plain,
            "infodate": row.at("day"),
        }
        for row in answer.rows
    ]
    return dump({"RowCount": answer.total, "Table": rows})


FAMILIES: Final = (
    Family(
        id="uuid-blocks",
        cms="other",
        url="/columns/$code/templates/2e3e81cf-d53a-40f0-9d7f-060e77400269/blocks/c0704ccb-1df3-4edd-9391-3f0e6d7db920?page=$page&fix=0",
        answer=_blocks,
        article="/columns/$code/$y$m/$d/$uuid.html",
        facts="Hebei: a fragment of HTML a page without a pager; everything is a UUID",
        sections=(
            {
                "id": "policy",
                "name": "省政府规范性文件",
                "kind": "policy",
                "channel": "b1b59c8c-81a3-4cf2-b876-8618919c0049",
            },
            {"id": "news", "name": "要闻", "kind": "news", "channel": "580d0301-2e0b-4152-9dd1-7d7f4e0f4980"},
        ),
        hints={"page_param": "page"},
        media_type=HTML,
        body='<div class="xxgkgzwjk_xqy-cont">',
    ),
    Family(
        id="labels",
        cms="other",
        url="/site/label/8888?labelName=publicInfoList&siteId=6781961&pageSize=$size&pageIndex=$page&action=list&isDate=true&dateFormat=yyyy-MM-dd&length=50&organId=1681&type=4&catId=$code&result=%E6%9A%82%E6%97%A0%E7%9B%B8%E5%85%B3%E4%BF%A1%E6%81%AF",
        answer=_labels,
        article="/public/1681/$number.html",
        facts="Anhui: a fragment of HTML a page without a pager, pageIndex from 1; addresses of articles without a date",
        sections=(
            {"id": "policy", "name": "省政府文件", "kind": "policy", "channel": "6708461"},
            {"id": "notice", "name": "通知公告", "kind": "notice", "channel": "6708471"},
        ),
        hints={"page_param": "pageIndex"},
        media_type=HTML,
        body='<div class="wzcon j-fontContent">',
    ),
    Family(
        id="henan",
        cms="json",
        url="/open/api/external?keywords=&siteId=4500000001&searchRange=-1000&sortType=200&pageNumber=$page&pageSize=$size&fileType=3&channelMarkId=$code",
        answer=_henan,
        article="/$y/$m-$d/$number.html",
        facts="Henan: JSON with the whole text in the list",
        sections=({"id": "policy", "name": "豫政", "kind": "policy", "channel": "45000000010115416542079063"},),
        hints={
            "entries": "data.datas",
            "item": "selfUrl",
            "title": "title",
            "date": "pubDate",
            "page_param": "pageNumber",
        },
        body='<div id="content" class="content">',
    ),
    Family(
        id="henan-search",
        cms="json",
        url="/api/search/doc/list",
        post='{"areaCode":"$code","pageNum":$page,"pageSize":$size,"searchContent":"通知"}',
        answer=_henan_search,
        article="/$y/$m-$d/$number.html",
        facts="a search of Henan that no family describes: marked by <span>, normalTitle clean, totalNum",
        sections=({"id": "policy", "name": "豫政办", "kind": "policy", "channel": "410000000000"},),
        body='<div id="content" class="content">',
        marks=True,
    ),
    Family(
        id="numbered-pages",
        cms="other",
        url="/web/zwgkx/zfwj/$code/661e4dc5-$page.shtml",
        answer=_liaoning,
        article="/web/zwgkx/zfwj/$code/$y$m${d}0$number/index.shtml",
        facts="Liaoning: <8 hex digits>-<page>.shtml from 1, the same id at every title",
        sections=({"id": "policy", "name": "省政府令", "kind": "policy", "channel": "szfl"},),
        hints={"page_url": "661e4dc5-{page}.shtml"},
        media_type=HTML,
        framed=True,
        past_end="404",
        body='<div class="content">',
    ),
    Family(
        id="shanghai",
        cms="other",
        url="/$code/index$further.html",
        answer=_shanghai,
        article="/$code/$y$m$d/$hex.html",
        facts="Shanghai: nw12344/index.html, index_1.html; the date in the address",
        sections=(
            {"id": "policy", "name": "政府规章", "kind": "policy", "channel": "nw12344"},
            {"id": "news", "name": "要闻动态", "kind": "news", "channel": "nw2315"},
        ),
        media_type=HTML,
        framed=True,
        past_end="404",
        body='<div id="ivs_content" class="Article_content">',
    ),
    Family(
        id="zcms",
        cms="other",
        url="/zcms/catalog/$code/pc/index_$page.shtml",
        answer=_zcms,
        article="/c/$y-$m-$d/$number.shtml",
        facts="the Xinjiang corps: index_1.shtml is page 1",
        sections=(
            {"id": "policy", "name": "文件政策", "kind": "policy", "channel": "36226"},
            {"id": "news", "name": "兵团动态", "kind": "news", "channel": "15206"},
        ),
        media_type=HTML,
        framed=True,
        past_end="404",
        body='<div id="detail">',
    ),
    Family(
        id="epoint",
        cms="other",
        url="/fulltextsearch/rest/getfulltextdata?format=json&sort=0&rmk1=$code&pn=$offset&rn=$size",
        answer=_epoint,
        article="/fwdt/$code/$y$m$d/$uuid.html",
        facts="Epoint full text search: pn counts rows, the total is a text",
        sections=({"id": "notice", "name": "交易公告", "kind": "notice", "channel": "002001001"},),
        body='<div class="ewb-article-info">',
    ),
    Family(
        id="epoint-action",
        cms="other",
        url="/EpointWebBuilder/getGgListAction.action?cmd=getZtbGgList",
        post="categorynum=$code&pageIndex=$page&pageSize=$size",
        answer=_epoint_action,
        article="/jyxxgk/$code/$y$m$d/$uuid.html",
        facts="Epoint's action: POST of a form, RowCount and Table",
        sections=({"id": "notice", "name": "公告", "kind": "notice", "channel": "008001001"},),
        body='<div class="ewb-article-info">',
    ),
)
