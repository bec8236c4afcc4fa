"""Pages whose rows only a script would fetch: how to tell them, and which interface they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.listing.words import EMPTY
from crawler.text import urls

if TYPE_CHECKING:
    from crawler.listing.outline import Outline
    from crawler.listing.source import Source

_FETCHES = re.compile(
    r"\$\.(?:ajax|get|post|getJSON)\b|\bfetch\(|\baxios\b|XMLHttpRequest|loadPageData|\.jpage\(|laypage"
    r"|render(?:List|Channel|Page)\w{0,20}\(|loadList\(|listModel\(|new Vue\b|createApp\("
)
_FETCH_WORDS = (
    "$.", "fetch(", "axios", "XMLHttpRequest", "loadPageData", ".jpage(", "laypage", "render", "loadList(",
    "listModel(", "new Vue", "createApp(",
)  # fmt: skip
"""Without one of these a script cannot fetch: looking for words is ten times as fast as for a pattern."""
_TEMPLATE = re.compile(r"\{\{[^{}\n]{1,80}\}\}|<%=?[^%\n]{1,80}%>|\$\{[\w.]{1,60}\}")
_ADDRESS = re.compile(r"""['"]((?:https?://|/|\./|\.\./)[^'"\s<>{}]{2,400})['"]""")
_CHANNEL = re.compile(r"[0-9a-f]{32}")


def _fetches(script: str) -> bool:
    script = script[:200_000]
    return any(word in script for word in _FETCH_WORDS) and _FETCHES.search(script) is not None


def _rating(address: str) -> int:
    """How much an address in a script looks like a list's interface."""
    low = address.lower().partition("?")[0]
    if re.search(r"\.(?:js|css|png|jpe?g|gif|svg|ico|s?html?|mp4|woff2?)$", low) and "search" not in low:
        return 0
    if low.endswith(".json"):
        return 5
    if re.search(
        r"/common/search/|dataproxy|/front/page/build|/igs/front|/irs/front|/was5/|/ssp/search|/gkmlpt/api", low
    ):
        return 5
    if re.search(r"/api/|/search|\.do$|\.action$|getlist|/list\b|/page\b|/query|/rest/|datalist|ajax|\.jsp$", low):
        return 3
    return 1 if "?" in address else 0


def named_interface(page: Outline, source: Source) -> str | None:
    """The address in the page's scripts, or in a `data-url`, that most looks like the list's interface."""
    best: tuple[int, str] | None = None
    for at, script in page.scripts[:300]:
        del at
        if not _fetches(script):
            continue
        for match in _ADDRESS.finditer(script[:200_000]):
            rating = _rating(match[1])
            if rating and (best is None or rating > best[0]):
                best = rating, match[1]
    for _, _, raw, url in page.controls:
        if url is not None and raw and (rating := _rating(raw)) >= 5 and (best is None or rating > best[0]):
            best = rating, raw
    channel = _channel(page)
    if channel is not None and (best is None or best[0] < 5):
        return urls.join(
            source.url, f"/common/search/{channel}?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page=1"
        )
    return urls.join(source.url, best[1]) if best is not None else None


def _channel(page: Outline) -> str | None:
    """The channel that a column page of the /common/search platform states in its head."""
    for at, tag in enumerate(page.tags[:400]):
        if tag == "meta":
            attributes = page.nodes[at].attributes
            if (attributes.get("name") or "").lower() == "channelid" and _CHANNEL.fullmatch(
                attributes.get("content") or ""
            ):
                return attributes["content"]
    return None


def fetches_rows(page: Outline) -> bool:
    """Whether scripts of the page fetch or fill in rows."""
    return any(
        _fetches(script) or ("{" in script and _TEMPLATE.search(script[:50_000])) for _, script in page.scripts[:300]
    )


def is_shell(page: Outline) -> bool:
    """Whether the page's own list is empty: it says so, or holds a script's template or address for its rows."""
    if EMPTY.search(page.text_between(0, len(page.texts))[:100_000]):
        return True
    for at, script in page.scripts[:300]:
        attributes = page.nodes[at].attributes
        if attributes.get("querydata"):
            return True
        kind = (attributes.get("type") or "").lower()
        if (
            ("template" in kind or "handlebars" in kind or "html" in kind)
            and "<a" in script
            and _TEMPLATE.search(script)
        ):
            return True
        if _fetches(script) and any(_rating(a) >= 3 for a in _ADDRESS.findall(script[:200_000])[:200]):
            return True
    return False
