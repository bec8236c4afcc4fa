"""Which CMS family pages come from, by the marks that each family leaves in markup and addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.portals.models import Cms

_HEAD = 500_000
"""Characters of a page that are looked through."""
_MOST = 2
"""Pages that one mark counts for at most: a repost of another family's article is one page."""
SURE = 3
"""Votes from which a family is sure; one mark alone may come with an article taken over from elsewhere."""

_MARKS: tuple[tuple[Cms, int, str, re.Pattern[str]], ...] = (
    ("gkmlpt", 3, "addresses under /gkmlpt/", re.compile(r"/gkmlpt/(?:api|content|index|policy|guide|annual|mapi)")),
    ("gkmlpt", 2, "NFCMS attachments", re.compile(r"nfw-cms-attachment|window\._CONFIG\b")),
    ("gkmlpt", 2, "articles at content/post_N", re.compile(r"/content/(?:\d/\d{1,6}/)?post_\d{3,9}\.html")),
    ("gkmlpt", 2, "the search of NFGov", re.compile(r"search\.gd\.gov\.cn|/nfgov\b|/ssp-nfgov", re.IGNORECASE)),
    ("hanweb", 3, "the jpage interface", re.compile(r"/module/(?:web/)?jpage/|/jslib/jquery/jpage/|\.jpage\(")),
    ("hanweb", 3, "records in <datastore>", re.compile(r"<datastore>")),
    ("hanweb", 3, "the jpaas interface", re.compile(r"/jpaas-publish-server/|/jpaas-jpolicy-web-server/|bulidstatic")),
    ("hanweb", 2, "columns at /col/colN/", re.compile(r"/col/col\d{1,12}/")),
    ("hanweb", 2, "articles at /art/Y/M/D/", re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html")),
    ("trs", 3, "createPageHTML", re.compile(r"\bcreatePageHTML\w{0,20}\s{0,3}\(")),
    ("trs", 2, "articles at YYYYMM/tYYYYMMDD_N", re.compile(r"/\d{6}/t\d{8}_\d+\.s?html")),
    ("trs", 2, "the TRS editor", re.compile(r"TRS_(?:Editor|UEDITOR|PreAppend)|trs_editor_view|_trs_uv")),
    ("trs", 2, "a TRS search", re.compile(r"/igs/front/|/irs/front/|/trs-search/|/was5/web/|/ssp/search/|/trssearch/")),
    ("trs", 1, "countPage", re.compile(r"\bvar\s{1,3}countPage\s{0,3}=")),
    ("ucap", 3, "the interface /common/search/", re.compile(r"/common/search/[0-9a-f]{32}|/searchList/[0-9a-f]{32}")),
    ("ucap", 2, "UCAP elements", re.compile(r"<(?:ucaptitle|ucapcontent|publishtime)\b", re.IGNORECASE)),
    (
        "ucap",
        2,
        "articles at cN/YYYYMM/ID",
        re.compile(r"/c\d{2,8}/\d{4}(?:\d\d|/\d\d/\d\d)/(?:[0-9a-f]{32}|c?\d+_\d+)\.s?html"),
    ),
    ("ucap", 2, "a channelId", re.compile(r"<meta[^>]{0,60}channelid[^>]{0,40}[0-9a-f]{32}", re.IGNORECASE)),
    ("json", 2, "static JSON lists", re.compile(r"[\"'(=]\s{0,3}[\w./-]{0,80}(?:LIEBIAO|list|data)\w{0,20}\.json\b")),
)  # fmt: skip


def recognise(pages: Iterable[tuple[str, str]]) -> tuple[Cms, tuple[str, ...], bool]:
    """The CMS family of pages given as (address, text): the family, the marks that were seen, and whether it is sure.

    Marks of several pages add up. Without a mark the family is `other`, and that is not sure.
    """
    seen: dict[str, int] = {}
    votes: dict[Cms, int] = {}
    for url, text in pages:
        where = f"{url}\n{text[:_HEAD]}"
        for family, weight, name, pattern in _MARKS:
            if seen.get(name, 0) < _MOST and pattern.search(where):
                seen[name] = seen.get(name, 0) + 1
                votes[family] = votes.get(family, 0) + weight
    if not votes:
        return "other", (), False
    ranked = sorted(votes, key=lambda family: -votes[family])
    best = ranked[0]
    marks = tuple(name for family, _, name, _ in _MARKS if family == best and name in seen)
    clear = len(ranked) == 1 or votes[best] > votes[ranked[1]]
    return best, marks, clear and votes[best] >= SURE
