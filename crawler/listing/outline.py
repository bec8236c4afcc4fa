"""A parsed page as flat arrays in document order, so that any subtree is a range and any count in it a difference."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crawler.listing.words import FOOTER_HOSTS, GENERIC, NO_ENTRY, tidy
from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from selectolax.lexbor import LexborNode

MAX_NODES = 40_000
"""Nodes read of a page; the largest real list page measured has 3,500. What comes after them is not read. So many cost
.3 s, whatever they are.
"""
MAX_LINKS = 5_000
MAX_COMMENT = 2_000_000
_MAX_CLICKED = 60
"""Nodes below an element that a click handler makes a link."""
_SKIPPED = frozenset({"script", "style", "noscript", "template", "select", "textarea", "svg", "iframe", "object"})
_SHORT = 300
_PLAIN_BASE = re.compile(
    r"(https?://[a-z0-9][a-z0-9.-]{0,200}(?::\d{2,5})?)(?:(/(?:[\w-][\w.-]*/)*)[\w.-]*)?(?:\?[^#\s]*)?", re.ASCII
)
_BELOW = re.compile(r"(?:\./)?\w[\w-]*(?:/[\w-]+)*\.\w+", re.ASCII)
_FROM_ROOT = re.compile(r"(?:/[\w-]+)+(?:\.\w+|/)", re.ASCII)
_WHOLE = re.compile(
    r"https?://[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?::[1-5]?\d{2,4})?/(?:[\w-]+/)*(?:[\w-]+\.\w+)?", re.ASCII
)
_QUOTED = re.compile(r"""['"]([^'"\s<>]{2,500})['"]""")
_TARGET = re.compile(
    r"^(?:https?:)?//|^\.{0,2}/|^\.\.?/|\.(?:s?html?|jsp|do|action|aspx?|php|pdf|docx?)(?:[?#]|$)|\?\w+=", re.IGNORECASE
)


class Link(NamedTuple):
    """A link of the page: the position of its element, where it leads, what it is called."""

    at: int
    url: str
    text: str
    title: str
    """The `title` attribute, `mc` (名称) of Hanweb's catalogue, or the `alt` of a picture inside; may be empty."""
    weak: bool
    """It has no name of its own (a picture, 查看): the row around it has to say what it leads to."""


@dataclass(slots=True)
class Outline:
    """Parallel arrays: position → tag, parent, end of the subtree (exclusive), stripped text of text nodes.

    The root is at 0. `scripts` and `comments` are (position, text) of what is not part of the visible page.
    """

    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    """White space around a text: 1 before it, 2 after it, 3 both."""
    nodes: list[LexborNode] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    """What may be an entry, in document order."""
    controls: list[tuple[int, str, str, str | None]] = field(default_factory=list)
    """Links and click targets of a pager or of nothing: (position, text, raw href or onclick, absolute URL)."""
    scripts: list[tuple[int, str]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    cut: bool = False
    """Whether the page has more nodes or links than are read."""

    def text_between(self, start: int, end: int) -> str:
        """The words of a range, separated by spaces."""
        return " ".join(t for t in self.texts[start:end] if t)

    def inline(self, positions: Iterable[int]) -> str:
        """Texts as they run on a line: a space only where the page has one, and none beside Chinese characters."""
        out, open_ended = "", False
        for at in positions:
            text = self.texts[at]
            if not text:
                open_ended = open_ended or (self.tags[at] == "-text") or self.tags[at] == "br"
                continue
            if out and (open_ended or self.edges[at] & 1) and (out[-1].isascii() or text[0].isascii()):
                out += " "
            out += text
            open_ended = bool(self.edges[at] & 2)
        return out

    def ancestors(self, at: int) -> list[str]:
        """The tags above a position, from its parent to the root."""
        found: list[str] = []
        at = self.parents[at]
        while at >= 0 and len(found) < 500:
            found.append(self.tags[at])
            at = self.parents[at]
        return found


class _Base:
    """Joins links to one base: the usual ways of writing them directly, all others by `urls.join`."""

    def __init__(self, url: str) -> None:
        self.url = url
        match = _PLAIN_BASE.fullmatch(url)
        self._origin, self._folder = (match[1], match[1] + (match[2] or "/")) if match else ("", "")

    def join(self, href: str) -> str | None:
        if self._origin and len(href) < _SHORT:
            if href[:1] == "/":
                if len(href) == 1 or _FROM_ROOT.fullmatch(href):
                    return self._origin + href
            elif href[:4] == "http":
                if _WHOLE.fullmatch(href):
                    return href
            elif _BELOW.fullmatch(href):
                return self._folder + href.removeprefix("./")
        return urls.join(self.url, href)


def _target(attributes: dict[str, str | None], base: _Base) -> tuple[str, str | None]:
    """What an element's attributes lead to: (raw, absolute URL or None)."""
    href = (attributes.get("href") or "").strip()
    low = href[:11].lower()
    if href and href[0] != "#" and not low.startswith("javascript:"):
        return href, base.join(href)
    for name in ("onclick", "data-href", "data-url"):
        raw = attributes.get(name)
        if not raw:
            continue
        if name != "onclick":
            return raw, base.join(raw.strip())
        for match in _QUOTED.finditer(raw[:2000]):
            if _TARGET.search(match[1]):
                return raw, base.join(match[1])
        return raw, None
    if low.startswith("javascript:"):
        for match in _QUOTED.finditer(href[:2000]):
            if _TARGET.search(match[1]):
                return href, base.join(match[1])
    return href, None


class _Walk:
    """One walk through a tree, filling an outline."""

    def __init__(self, base: str) -> None:
        self.out = Outline()
        self.anchors: list[tuple[int, dict[str, str | None]]] = []
        self._base = _Base(base)
        self._stack: list[int] = []

    def run(self, root: LexborNode | None) -> Outline:
        out, stack = self.out, self._stack
        tags, parents, ends, texts, edges, nodes = out.tags, out.parents, out.ends, out.texts, out.edges, out.nodes
        node = root
        while node is not None:
            at = len(tags)
            tag = node.tag or ""
            tags.append(tag)
            parents.append(stack[-1] if stack else -1)
            ends.append(at + 1)
            nodes.append(node)
            raw = node.text_content if tag == "-text" else None
            text = tidy(raw) if raw and not raw.isspace() else ""
            texts.append(text)
            edges.append(raw[0].isspace() + 2 * raw[-1].isspace() if raw and text and raw != text else 0)
            child = node.child if tag != "-text" and self._enter(node, tag, at) else None
            if at + 1 >= MAX_NODES:
                out.cut = True
                break
            if child is not None:
                stack.append(at)
                node = child
            else:
                node = self._onward(node)
        for top in stack:
            ends[top] = len(tags)
        _name_links(out, self.anchors, self._base)
        return out

    def _onward(self, node: LexborNode) -> LexborNode | None:
        """The node after a subtree, in document order; the subtrees that end here are closed."""
        out, stack = self.out, self._stack
        while stack:
            following = node.next
            if following is not None:
                return following
            top = stack.pop()
            out.ends[top] = len(out.tags)
            node = out.nodes[top]
        return None

    def _enter(self, node: LexborNode, tag: str, at: int) -> bool:
        """Note what an element or a comment holds besides text; whether to go on below it."""
        out = self.out
        if tag == "-comment":
            comment = node.comment_content or ""
            if "<" in comment:
                out.comments.append((at, comment[:MAX_COMMENT]))
            return False
        if tag in _SKIPPED:
            if tag == "script":
                out.scripts.append((at, node.text(deep=True)))
            return False
        attributes = node.attributes
        if tag == "a" or "onclick" in attributes or "data-href" in attributes:
            if len(self.anchors) < MAX_LINKS:
                self.anchors.append((at, attributes))
            else:
                out.cut = True
        return True


def outline(root: LexborNode | None, base: str) -> Outline:
    """Walk a tree once. Links come out absolute, joined to `base`."""
    return _Walk(base).run(root)


def _name_links(out: Outline, anchors: list[tuple[int, dict[str, str | None]]], base: _Base) -> None:
    taken = -1
    places = [at for at, attributes in anchors if out.tags[at] == "a" and attributes.get("href")]
    for at, attributes in anchors:
        if at < taken:
            continue  # inside a link already: the outer one is the target
        end = out.ends[at]
        if out.tags[at] != "a":
            first = bisect_left(places, at + 1)
            if end - at > _MAX_CLICKED or (first < len(places) and places[first] < end):
                continue  # a click handler on a block of the page, or around a link of its own
        raw, url = _target(attributes, base)
        texts = [text for text in out.texts[at:end] if text]
        text = tidy(out.inline(range(at, end))) if len(texts) > 1 else "".join(texts)
        title = tidy(attributes.get("title") or attributes.get("mc") or "")
        if not text and not title:
            title = next(
                (tidy(out.nodes[i].attributes.get("alt") or "") for i in range(at, end) if out.tags[i] == "img"), ""
            )
        name = text or title
        if (
            url is None
            or (name and len(name) <= 20 and NO_ENTRY.fullmatch(name))
            or urls.host(url).endswith(FOOTER_HOSTS)
        ):
            out.controls.append((at, name, raw, url))
            continue
        weak = len(name) < 2 or (len(name) <= 20 and GENERIC.fullmatch(name) is not None)
        out.links.append(Link(at, url, text, title, weak=weak))
        if out.tags[at] == "a":
            taken = end
