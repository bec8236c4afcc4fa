# ruff: noqa: E501 - answers are more readable on one line
"""Feeds and plain XML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from crawler.replica.families.family import XML, Family, iso_utc, joined

if TYPE_CHECKING:
    from crawler.replica.families.family import Answer

_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def _rss(answer: Answer) -> str:
    rows = joined(
        answer.rows,
        lambda row: (
            f"<item><title>{escape(row.plain)}</title><link>{row.url}</link><pubDate>{row.at('second')}{'' if row.times else '.0'}</pubDate><description>{escape(row.text)}</description></item>"
        ),
    )
    return f'{_HEAD}<rss version="2.0"><channel><title>{answer.name}</title><link>{answer.base}/</link>\n{rows}\n</channel></rss>'


def _atom(answer: Answer) -> str:
    rows = joined(
        answer.rows,
        lambda row: (
            f'<entry><title>{escape(row.plain)}</title><link href="{row.url}"/><published>{row.at("utc")}</published><updated>{iso_utc(row.later)}</updated></entry>'
        ),
    )
    return f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><title>{answer.name}</title>\n{rows}\n</feed>'


def _records(answer: Answer) -> str:
    rows = joined(
        answer.rows,
        lambda row: (
            f"<record><title>{escape(row.plain)}</title><url>{escape(row.path)}</url><date>{row.at('day')}</date></record>"
        ),
    )
    return f"{_HEAD}<result><totalrecord>{answer.total}</totalrecord>\n{rows}\n</result>"


def _rows(answer: Answer) -> str:
    rows = joined(
        answer.rows,
        lambda row: (
            f"<row><docpuburl>{row.url}</docpuburl><doctitle>{escape(row.plain)}</doctitle><docreltime>{row.at('dotted')}</docreltime></row>"
        ),
    )
    return f"{_HEAD}<data><total>{answer.total}</total><rows>\n{rows}\n</rows></data>"


_COLUMN: Final = ({"id": "news", "name": "要闻", "kind": "news", "channel": "6787231", "per_page": 50},)
_PAGED: Final = ({"id": "news", "name": "要闻", "kind": "news", "channel": "6787231"},)
_ARTICLE: Final = "/xwzx/$code/$number.html"

FAMILIES: Final = (
    Family(
        id="rss",
        cms="other",
        url="/rss/rss.xml?siteId=$code",
        answer=_rss,
        article=_ARTICLE,
        facts="RSS (Wuhu): one page, pubDate not as RFC 822 wants it",
        sections=_COLUMN,
        media_type=XML,
        past_end="last",
    ),
    Family(
        id="atom",
        cms="other",
        url="/feed/$code.xml",
        answer=_atom,
        article=_ARTICLE,
        facts="Atom: times in UTC, updated later than published",
        sections=_COLUMN,
        media_type=XML,
        past_end="last",
    ),
    Family(
        id="xml-records",
        cms="other",
        url="/interface/list.xml?column=$code&pageNo=$page&pageSize=$size",
        answer=_records,
        article=_ARTICLE,
        facts="<record> with elements instead of markup",
        sections=_PAGED,
        media_type=XML,
    ),
    Family(
        id="xml-rows",
        cms="other",
        url="/interface/rows.xml?column=$code&currentPage=$page&pageSize=$size",
        answer=_rows,
        article=_ARTICLE,
        facts="<row> with TRS field names and dotted times",
        sections=_PAGED,
        media_type=XML,
    ),
)
