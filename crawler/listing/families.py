"""How the JSON interfaces of the CMS families are read: data, one entry a family, asked in this order.

Expressions are JMESPath; those of `url`, `title`, `date` are evaluated in a row. Where the fields of a family differ by
site, the first that is there counts (`a || b`). Sources: answers seen in public code, described in the portal facts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFamily:
    """A kind of JSON answer.

    `rows` leads to the list (of objects, or of strings of HTML); a family is recognised by `sign` being there.
    `base` is joined to the asked address before the rows' links are; `page` is the parameter that counts pages.
    """

    sign: str
    rows: str
    url: str = ""
    title: str = ""
    date: str = ""
    total: str = ""
    pages: str = ""
    size: str = ""
    page: str | None = None
    base: str = ""


JSON_FAMILIES: dict[str, JsonFamily] = {
    # One static array a section, newest first (www.gov.cn)
    "govcn": JsonFamily(sign="[0].DOCRELPUBTIME", rows="[]", url="URL", title="TITLE", date="DOCRELPUBTIME"),
    # sousuo.gov.cn/data, sousuo.www.gov.cn/search-gov/data: several lists in one answer
    "govcn-search": JsonFamily(
        sign="searchVO.[listVO, catMap]",
        rows="searchVO.catMap.*.listVO[] || searchVO.listVO",
        url="url",
        title="title",
        date="pubtimeStr || pubtime",
        total="searchVO.totalCount",
        pages="searchVO.totalpage",
        page="p",
    ),
    # TRS igs: front/search/list.html and front/search.jhtml
    "igs": JsonFamily(
        sign="page.content",
        rows="page.content",
        url="DOCPUBURL || url || docpuburl",
        title="DOCTITLE || BT || title || doctitle",
        date="PUBDATE || FBRQ || trs_time || DocRelTime || pubdate",
        total="page.total || page.totalElements",
        pages="page.totalPages",
        size="page.pageSize",
        page="pageNumber",
    ),
    # TRS hycloud: irs/front/list and irs/front/search; asked by POST
    "irs": JsonFamily(
        sign="data.pager",
        rows="data.middle.list || data.middle.listAndBox[].data || data.list",
        url="url || doc_pub_url",
        title="title_no_tag || title || f_202121500898",
        date="time || save_time",
        total="data.pager.total",
        pages="data.pager.pageCount",
        size="data.pager.pageSize",
    ),
    # TRS SSP: ssp/search/api (Fujian)
    "ssp": JsonFamily(
        sign="datas[0].docpuburl || (search.apiName && page)",
        rows="datas",
        url="docpuburl || chnldocurl",
        title="_doctitle || doctitle",
        date="docreltime || pubdate",
        total="page.recordcount",
        pages="page.pagecount",
        size="page.rows",
        page="page",
    ),
    # TRS trs-search and openSearch (Shanxi, Inner Mongolia)
    "trs-search": JsonFamily(
        sign="data.data[0].docpuburl || data.data[0].docpubtime",
        rows="data.data",
        url="docpuburl || news_docpuburl || url",
        title="title || news_doctitle || gk_doctitle || zc_doctitle || doctitle",
        date="docpubtime || news_docpubtime || pubtime",
        total="data.total",
        size="data.pageSize",
        page="pageNum",
    ),
    # TRS WAS5 as JSON
    "was5": JsonFamily(
        sign="docs[0].url || docs[0].docpuburl",
        rows="docs",
        url="url || docpuburl || chnldocurl",
        title="title || doctitle",
        date="docreltime || pubtime || pubdate || time",
        total="count || recordcount || num",
        page="page",
    ),
    # Hanweb jsearch: rows are snippets of HTML, their links start at the search page
    "jsearch-snippets": JsonFamily(
        sign="result[0] && starts_with(to_string(result[0]), '<')", rows="result", total="total", page="p", base="../"
    ),
    # Hanweb jsearch as data
    "jsearch": JsonFamily(
        sign="dataResults",
        rows="dataResults[].data || dataResults",
        url="url",
        title="title_str || title",
        date="createdate || deploytime",
        total="totalHits || total",
        page="p",
    ),
    # Hanweb jpolicy (Shandong): the address is built from the id
    "jpolicy": JsonFamily(
        sign="data.list[0].iid || data.rows[0].iid",
        rows="data.list || data.rows",
        url="url || join('', ['/jpaas-jpolicy-web-server/front/info/detail?iid=', to_string(iid)])",
        title="title",
        date="publishDate || publish_date",
        total="data.total || data.totalCount",
        page="pageNo",
    ),
    # gkmlpt (Guangdong): `date` is when it was written, `create_time` when it was published
    "gkmlpt": JsonFamily(
        sign="classify.post_count || articles[0].create_time || (articles && classify)",
        rows="articles",
        url="url || post_url",
        title="title",
        date="first_publish_time || create_time || created_at",
        total="total || classify.post_count",
        page="page",
    ),
    # NFGov search (search.gd.gov.cn): two addresses a row, the ordinary page first
    "nfgov": JsonFamily(
        sign="data.list[0].post_url || data.list[0].pub_time",
        rows="data.list",
        url="post_url || url",
        title="title",
        date="pub_time || first_publish_time || create_time",
        total="data.total",
        page="page",
    ),
    # /common/search/<channel id>
    "ucap": JsonFamily(
        sign="data.results",
        rows="data.results",
        url="url",
        title="title",
        date="publishedTimeStr || publishedTime",
        total="data.total",
        size="data.rows",
        page="page",
    ),
    # searchapi.henan.gov.cn
    "henan": JsonFamily(
        sign="data.datas",
        rows="data.datas",
        url="selfUrl || url",
        title="title",
        date="pubDate",
        total="data.total || data.totalCount || data.count",
        page="pageNumber",
    ),
    # Epoint: records of several products
    "epoint": JsonFamily(
        sign="result.records",
        rows="result.records",
        url="linkurl || link || url",
        title="title",
        date="infodate || date || webdate || showdate",
        total="result.totalcount",
    ),
    # api.so-gov.cn and /so/ss/query/s
    "so-gov": JsonFamily(
        sign="resultDocs",
        rows="resultDocs[].data || resultDocs",
        url="url",
        title="titleO || title",
        date="docDate",
        total="totalHits",
        page="page",
    ),
}
