"""What an adapter reads from, and how entries are made: one way for every family."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.items import ListEntry
from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crawler.items import Form
    from crawler.portals.models import ListHints

MAX_ENTRIES = 10_000
"""More rows than any list answers at once: 5,000 is the most a crawler was seen to ask for."""
_UNENCODABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and the lone surrogates of a broken JSON answer, which no encoder takes."""
_SECOND_LEVEL = frozenset({"gov", "com", "org", "net", "edu", "ac", "mil", "co"})


def site(host: str) -> str:
    """The registrable name of a host: `shanxi.gov.cn` of `zrzyt.shanxi.gov.cn`; numeric addresses stand for themselves.

    `gov.cn` and its like are public suffixes: `www.gov.cn` is a site of its own, and no portal belongs to it.
    """
    labels = host.split(".")
    if len(labels) < 3 or labels[-1].isdigit() or ":" in host:
        return host
    size = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-size:])


@dataclass(frozen=True, slots=True)
class Source:
    """A list page or an answer of a list interface, decoded, with what is known about it."""

    text: str
    url: str
    hints: ListHints | None = None
    cms: str | None = None
    hosts: tuple[str, ...] = ()
    _home: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Remember the page's own host."""
        object.__setattr__(self, "_home", urls.host(self.url))

    def form(self, url: str) -> Form:
        """`file` for a document, `external` for a page of another site, else `article`.

        With `hosts` given, a page is ours on those hosts, their subdomains and the list's own host; without, on every
        host of the list's registrable site (a department's subdomain of the province is ours, www.gov.cn is not).
        """
        host = urls.host(url)
        if self.hosts:
            ours = host == self._home or any(host == h or host.endswith("." + h) for h in self.hosts)
        else:
            ours = not self._home or host == self._home or site(host) == site(self._home)
        if not ours:
            return "external"
        return "file" if urls.is_file(url) else "article"

    def entries(self, found: Iterable[tuple[str | None, str | None, str | None]]) -> tuple[ListEntry, ...]:
        """Entries from (absolute URL, title, date), each address once; a later one adds what the first lacks."""
        seen: dict[str, ListEntry] = {}
        for url, written, published in found:
            if not url or _UNENCODABLE.search(url):
                continue
            title = _UNENCODABLE.sub("", written) if written else None
            known = seen.get(url)
            if known is None:
                if len(seen) >= MAX_ENTRIES:
                    break
                seen[url] = ListEntry(url=url, title=title or None, published_at=published, form=self.form(url))
            elif (published and not known.published_at) or (title and not known.title):
                seen[url] = ListEntry(
                    url=url, title=known.title or title, published_at=known.published_at or published, form=known.form
                )
        return tuple(seen.values())


def as_hosts(hosts: Collection[str]) -> tuple[str, ...]:
    """Host names in lower case, without ports."""
    return tuple(h.lower().rpartition("://")[2].partition("/")[0].partition(":")[0].strip(".") for h in hosts if h)
