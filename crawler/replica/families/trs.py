# ruff: noqa: E501 - answers are more readable on one line
"""TRS: the JSON interfaces of its search engines, and static pages of unusual names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import HTML, XML, Family, dump, iso_utc, joined, link

if TYPE_CHECKING:
    from crawler.replica.families.family import Answer, Row

_ARTICLE: Final = "/zwgk/$code/$y$m/t$y$m${d}_$number.shtml"
_IRS_ERROR: Final = dump({"success": False, "msg": "系统错误", "data": None, "code": 1000})


def _igs(answer: Answer) -> str:
    rows = [
        {
            "SITENAME": answer.name,
            "fileNum": row.doc_number,
            "FileName": row.plain,
            "PUBDATE": row.at("utc"),
            "IdxID": row.index_number,
            "SITEID": answer.code,
            "DOCCONTENT": row.text,
            "AVAILABLE": True,
            "DOCID": row.number,
            "highlight": {},
            "DOCTITLE": row.title,
            "DOCPUBURL": row.url,
            "trs_warehouse_time": iso_utc(row.later),
        }
        for row in answer.rows
    ]
    return _igs_page(answer, rows, "PUBDATE")


def _igs_page(answer: Answer, rows: list[dict[str, object]], order: str) -> str:
    page = {
        "content": rows,
        "total": str(answer.total),
        "pageSize": answer.size,
        "pageNumber": answer.page,
        "orderProperty": order,
        "orderDirection": "desc",
        "totalPages": answer.pages,
    }
    return dump({"filter": {"AVAILABLE": "true"}, "pageable": {}, "hasFilter": True, "page": page})


def _igs_tianjin(answer: Answer) -> str:
    rows: list[dict[str, object]] = [
        {
            "BT": row.title,
            "DOCPUBURL": row.url,
            "FBRQ": row.at("zoned"),
            "CWRQ": f"{row.written}T00:00:00.000+0800",
            "FWZH": row.doc_number,
            "DocRelTime": f"{row.later:%Y-%m-%d}T00:00:00.000+0800",
            "trs_warehouse_time": iso_utc(row.later),
            "CrTime": iso_utc(row.later),
            "ZW": row.text,
        }
        for row in answer.rows
    ]
    return _igs_page(answer, rows, "FBRQ")


def _igs_search(answer: Answer) -> str:
    rows: list[dict[str, object]] = [
        {"title": row.title, "url": row.url, "trs_time": row.at("utc"), "summary": row.text} for row in answer.rows
    ]
    return _igs_page(answer, rows, "trs_time")


def _pager(answer: Answer) -> dict[str, int]:
    return {"pageNo": answer.page, "pageSize": answer.size, "pageCount": answer.pages, "total": answer.total}


def _irs_row(row: Row) -> dict[str, object]:
    return {
        "table-1": row.doc_number,
        "table-2": row.index_number,
        "table-3": f"{row.written} 16:37:24",
        "table-4": row.issuer,
        "source": row.issuer,
        "title": row.title,
        "url": row.url,
        "title_no_tag": row.plain,
        "documentId": f"d45_{row.number}",
        "time": row.at("second"),
    }


def _irs(answer: Answer) -> str:
    middle: dict[str, object] = {"list": [_irs_row(row) for row in answer.rows], "box": []}
    data: dict[str, object] = {"middle": middle, "right": {"box": []}, "pager": _pager(answer), "spendTime": 0.012}
    return dump({"success": True, "msg": "操作成功", "data": data, "code": 200})


def _irs_boxes(answer: Answer) -> str:
    boxes: list[dict[str, object]] = [{"type": "list", "data": _irs_row(row)} for row in answer.rows]
    data = {"middle": {"listAndBox": boxes}, "pager": _pager(answer), "spendTime": 0.02}
    return dump({"success": True, "msg": "操作成功", "data": data, "code": 200})


def _irs_list(answer: Answer) -> str:
    rows = [
        {
            "doc_pub_url": row.url,
            "f_202121273539": row.index_number,
            "f_202121500898": row.plain,
            "f_202142777829": row.text,
            "save_time_filter": row.day[:4],
            "f_202121607647": f"{row.written} 00:00:00",
            "f_202121837479": row.doc_number,
            "save_time": row.at("midnight"),
            "rec_id": row.number,
        }
        for row in answer.rows
    ]
    data = {"list": rows, "pager": _pager(answer), "spendTime": 0.013}
    return dump({"success": True, "msg": "操作成功", "data": data, "code": 200})


def _ssp(answer: Answer) -> str:
    rows = [
        {
            "template": "SSP_COMMON",
            "_doctitle": row.plain,
            "doctitle": row.title,
            "crtime": f"{row.later:%Y.%m.%d %H:%M:%S}",
            "docreltime": row.at("dotted"),
            "pubdate": f"{row.written:%Y.%m.%d} 00:00:00",
            "opertime": f"{row.later:%Y.%m.%d %H:%M:%S}",
            "chnldocurl": row.url,
            "docpuburl": row.url,
            "docid": row.number,
            "doccontent": row.text,
            "fileno": row.doc_number,
        }
        for row in answer.rows
    ]
    page = {
        "fromIndex": (answer.page - 1) * answer.size,
        "page": answer.page,
        "pagecount": answer.pages,
        "recordcount": answer.total,
        "rows": answer.size,
    }
    return dump(
        {
            "countDatas": {"recordcount": answer.total},
            "search": {"apiName": "SSP_OPENINFO"},
            "datas": rows,
            "page": page,
            "error": False,
        }
    )


def _trs_search(answer: Answer) -> str:
    rows = [
        {
            "news_doctitle": row.title,
            "docpubtime": row.at("second"),
            "docpuburl": row.url,
            "news_doccontent": row.text,
            "docid": row.number,
        }
        for row in answer.rows
    ]
    return dump(
        {
            "msg": "success",
            "state": 200,
            "data": {"total": answer.total, "data": rows, "pageSize": answer.size, "pageNum": answer.page},
        }
    )


def _open_search(answer: Answer) -> str:
    rows = [
        {
            "title": row.title,
            "gk_doctitle": row.title,
            "zc_doctitle": row.plain,
            "docno": row.doc_number,
            "docpuburl": row.url,
            "docpubtime": row.at("second"),
            "month": str(row.when.month),
            "zc_doccontent": row.text,
        }
        for row in answer.rows
    ]
    return dump(
        {
            "msg": "success",
            "state": 200,
            "data": {"total": answer.total, "data": rows, "pageSize": answer.size, "pageNum": answer.page},
        }
    )


def _was5(answer: Answer) -> str:
    rows = [
        {"url": row.url, "title": row.title, "pubtime": row.at("second"), "fileno": row.doc_number, "content": row.text}
        for row in answer.rows
    ]
    return dump({"count": answer.total, "docs": rows})


def _was5_xml(answer: Answer) -> str:
    rows = joined(
        answer.rows,
        lambda row: (
            f"<REC><TITLE><![CDATA[{row.title}]]></TITLE><URL>{row.url}</URL><WH>{row.doc_number}</WH>"
            f"<FWDW>{row.issuer}</FWDW><DOCRELTIME>{row.at('second')}</DOCRELTIME></REC>"
        ),
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<WAS><RECORDCOUNT>{answer.total}</RECORDCOUNT>\n{rows}\n</WAS>'


def _jsonp(answer: Answer) -> str:
    rows = [
        {
            "title": row.title,
            "tip": {"dates": row.at("day"), "filenum": row.doc_number},
            "url": row.url,
            "puborg": row.issuer,
            "pubdate": row.at("day"),
        }
        for row in answer.rows
    ]
    return f"result({dump({'num': answer.total, 'page': answer.page, 'data': rows})});"


def _static(answer: Answer) -> str:
    """Page 1 of `pages`, whose index counts from 0 whichever suffix the second page has."""
    rows = joined(answer.rows, lambda row: f"<li>{link(row)}<span>{row.day}</span></li>")
    name = answer.code
    pager = f'<script>createPageHTML({answer.pages}, {answer.page - 1}, "{name}", "html");</script>'
    return f'<ul class="nx-list">\n{rows}\n</ul>\n<div class="page">{pager}</div>'


def _static_total(answer: Answer) -> str:
    """A table whose pager says pages and rows in words alone."""
    rows = joined(
        answer.rows,
        lambda row: f"<tr><td>{row.place}</td><td>{link(row)}</td><td>{row.doc_number}</td><td>{row.day}</td></tr>",
    )
    return f'<table class="table"><tbody>\n{rows}\n</tbody></table>\n<div class="pageing"><span>共{answer.total}条</span><span>第{answer.page}/{answer.pages}页</span></div>'


FAMILIES: Final = (
    Family(
        id="igs",
        cms="trs",
        url="/igs/front/search/list.html?index=$code-index-alias&type=governmentdocuments&pageNumber=$page&pageSize=$size&filter%5BAVAILABLE%5D=true&siteId=14&orderProperty=PUBDATE&orderDirection=desc",
        answer=_igs,
        article=_ARTICLE,
        facts="front/search/list.html (Guangxi, Hubei): sorted by date; times in UTC, total a text, title DOCTITLE",
        hints={"adapter": "igs"},
    ),
    Family(
        id="igs-tianjin",
        cms="trs",
        url="/igs/front/search/list.html?index=$code-index&type=zcfg&filter%5BAVAILABLE%5D=True&pageSize=$size&pageNumber=$page&orderProperty=FBRQ&orderDirection=desc",
        answer=_igs_tianjin,
        article=_ARTICLE,
        facts="the same interface with other names (Tianjin): BT, FBRQ with zone, DocRelTime days later",
        hints={"adapter": "igs"},
    ),
    Family(
        id="igs-search",
        cms="trs",
        url="/igs/front/search.jhtml?code=78778b9ded51&siteId=$code&pageNumber=$page&pageSize=$size&searchWord=",
        answer=_igs_search,
        article=_ARTICLE,
        facts="front/search.jhtml (Tianjin, Hubei, Tibet): title, trs_time, url; what was found is marked",
        hints={"adapter": "igs"},
        marks=True,
    ),
    Family(
        id="irs",
        cms="trs",
        url="/irs/front/search",
        post='{"tenantId":"186","dataTypeId":"$code","searchWord":"通知","orderBy":"time","pageNo":$page,"pageSize":$size}',
        answer=_irs,
        article=_ARTICLE,
        facts="irs/front/search (Guizhou, Ningxia, Shaanxi): POST of JSON; marked titles, times and days of writing",
        hints={"adapter": "irs"},
        error=_IRS_ERROR,
        marks=True,
    ),
    Family(
        id="irs-boxes",
        cms="trs",
        url="/irs/front/search",
        post='{"code":"181aedaa542","dataTypeId":"$code","orderBy":"time","pageNo":"$page","pageSize":"$size"}',
        answer=_irs_boxes,
        article=_ARTICLE,
        facts="the same with listAndBox[].data (Guangxi)",
        hints={"adapter": "irs"},
        error=_IRS_ERROR,
        marks=True,
    ),
    Family(
        id="irs-list",
        cms="trs",
        url="/irs/front/list",
        post='{"tenantId":"7","searchFields":[],"channelId":"$code","pageNo":$page,"pageSize":$size}',
        answer=_irs_list,
        article=_ARTICLE,
        facts="irs/front/list (Chongqing): numbered fields, save_time at midnight",
        hints={"adapter": "irs"},
        error=_IRS_ERROR,
    ),
    Family(
        id="ssp",
        cms="trs",
        url="/ssp/search/api/apiSearch?siteId=8a28cde27b39&sourceType=SSP_OPENINFO&apiName=SSP_OPENINFO&sortFiled=-docrelTime&chnlid=$code&page=$page&datas=$size",
        answer=_ssp,
        article=_ARTICLE,
        facts="ssp/search/api (Fujian): times with dots, pubdate is the day of writing, crtime and opertime are later",
        hints={"adapter": "ssp"},
    ),
    Family(
        id="trs-search",
        cms="trs",
        url="/trs-search/trssearch/v2/searchAll.do?siteId=$code&searchTag=all&allKeywords=&sort=time&position=0&pageNum=$page&pageSize=$size&isAlways=1",
        answer=_trs_search,
        article=_ARTICLE,
        facts="searchAll.do (Shanxi): news_doctitle, docpubtime, docpuburl; what was found is marked",
        hints={"adapter": "trs-search"},
        marks=True,
    ),
    Family(
        id="open-search",
        cms="trs",
        url="/nmsearch/openSearch/gfxwjkList?sort=time&validity=%E6%9C%89%E6%95%88&postCity=$code&pageNum=$page&pageSize=$size",
        answer=_open_search,
        article=_ARTICLE,
        facts="openSearch (Inner Mongolia, departments of Shanxi): title, docpubtime, pageSize in the answer",
        hints={"page_param": "pageNum"},
    ),
    Family(
        id="was5",
        cms="trs",
        url="/was5/web/search?channelid=291575&templet=docs.jsp&sortfield=-pubdate&classsql=chnlid%3D$code&prepage=$size&page=$page",
        answer=_was5,
        article=_ARTICLE,
        facts="WAS5 as JSON (Fujian): docs, count",
        hints={"adapter": "was5", "page_param": "page"},
    ),
    Family(
        id="was5-xml",
        cms="trs",
        url="/was5/web/search?channelid=$code&sortfield=-pubdate&prepage=$size&page=$page",
        answer=_was5_xml,
        article=_ARTICLE,
        facts="WAS5 as XML: REC with TITLE, URL, WH, FWDW, DOCRELTIME; RECORDCOUNT",
        media_type=XML,
    ),
    Family(
        id="infogate",
        cms="trs",
        url="/govsearch/jsonp/zf_jd_list.jsp?page=$page&lb=$code&callback=result&size=$size",
        answer=_jsonp,
        article=_ARTICLE,
        facts="JSONP (Jilin): a call of result around JSON",
        hints={"page_param": "page"},
        media_type="application/javascript",
    ),
    Family(
        id="named-pages",
        cms="trs",
        url="/zwgk/szfwj/$code$further.html",
        answer=_static,
        article="/zwgk/szfwj/$y$m/t$y$m${d}_$number.html",
        facts="static pages index_10954.html, index_10954_1.html (Tianjin), list.html, list_1.html (Ningxia)",
        sections=(
            {"id": "policy", "name": "津政令", "kind": "policy", "channel": "index_10954"},
            {"id": "notice", "name": "通知", "kind": "notice", "channel": "list"},
        ),
        hints={"next_page": "index_1"},
        media_type=HTML,
        framed=True,
        past_end="404",
    ),
    Family(
        id="second-page-2",
        cms="trs",
        url="/hnszf/xxgk/wjk/szfwj/$code$further.html",
        answer=_static,
        article="/hnszf/xxgk/wjk/szfwj/$y$m/t$y$m${d}_$number.html",
        facts="off by one: the index counts from 0, but page 2 is wjk_glrb_2.html (Hunan, Guangdong)",
        sections=({"id": "policy", "name": "省政府文件", "kind": "policy", "channel": "wjk_glrb", "first_further": 2},),
        hints={"next_page": "index_2"},
        media_type=HTML,
        framed=True,
        past_end="404",
    ),
    Family(
        id="pager-in-words",
        cms="ucap",
        url="/xinjiang/$code/list$further.shtml",
        answer=_static_total,
        article="/xinjiang/$code/$y$m/$hex.shtml",
        facts="name.shtml, name_2.shtml (Xinjiang, Hainan) with a pager in words: the portal file says the rule",
        sections=({"id": "policy", "name": "法规文件", "kind": "policy", "channel": "fgwjx", "first_further": 2},),
        hints={"page_url": "list_{page}.shtml"},
        media_type=HTML,
        framed=True,
        past_end="404",
    ),
)
