"""Lexbor's numbers for the tags that matter here.

Comparing numbers is several times cheaper than comparing names. They are taken from the library itself, because they
are no part of its promises.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

_EMPTY = LexborHTMLParser("")


def _number(tag: str) -> int:
    return int(_EMPTY.create_node(tag).tag_id)


def _numbers(tags: str) -> frozenset[int]:
    return frozenset(map(_number, tags.split()))


def _child_number(html: str) -> int:
    body = LexborHTMLParser(html).body
    first = body.first_child if body is not None else None
    if first is None:
        raise RuntimeError("the parser gives no text or comment nodes")
    return int(first.tag_id)


TEXT = _child_number("<body>x</body>")
COMMENT = _child_number("<body><!-- x --></body>")
A = _number("a")
BR = _number("br")
META = _number("meta")
PRE = _number("pre")
SCRIPT = _number("script")
TABLE = _number("table")
TITLE = _number("title")
TR = _number("tr")

UNKNOWN = 10_000
"""Elements that the parser does not know are numbered by their address, far above this."""
TABLE_PARTS = _numbers("tbody thead tfoot")
CELLS = _numbers("td th")
HEADINGS = _numbers("h1 h2 h3 h4")
SILENT = _numbers(
    "script style noscript option select textarea button iframe object embed template title svg canvas map audio"
    " video datalist"
)
"""Elements whose text is no content."""
INLINE = _numbers(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub"
    " sup time tt u var wbr"
)
RUNS = _numbers("p h1 h2 h3 h4 h5 h6")
"""Elements that the parser lets hold no blocks."""
PARAGRAPHS = _numbers("p h1 h2 h3 h4 h5 h6 li dd dt blockquote pre figcaption")
BLOCKS = (
    PARAGRAPHS
    | CELLS
    | _numbers(
        "address article aside body caption center details dir div dl fieldset figure footer form header hr legend main"
        " menu nav ol section summary table tbody thead tfoot tr ul br"
    )
)
