"""Pages that still answer while their text is gone."""

from __future__ import annotations

import re

DELETED_BODY = 60
"""Characters: a body with less may say in the article's place that it was deleted."""
LEFT_OVER = 600
"""Characters: where a text is gone, what is read in its place is a line of the footer, a side bar or a table of
metadata, not more."""
SHARED = 6
"""Characters of a clause that tell whether two bodies have anything in common."""
SAID_SHARE = 0.5
"""Share of what is left that the body said too: a table of metadata repeats the title and who issued the document; a
body that was cut short consists of nothing else."""
KNOWN_SHARE = 0.8
"""Share of what is left of a page that stood on it before; the rest may be a date, a count or a new link."""

_DELETED = re.compile(
    r"(?:内容|信息|文章|页面|稿件|本文|该文|网页|栏目|资料|新闻).{0,8}(?:删除|撤回|撤销|撤下|撤稿|下线|下架|不存在|失效|移除|过期)"
    r"|(?:删除|撤回|撤销|撤下|撤稿|下线|下架)的?(?:内容|信息|文章|页面|稿件)|^(?:已|已经|已被)(?:删除|撤回|撤销|下线|下架)"
)
_MARKS = re.compile(r"[^\w%]+")


def is_emptied(body: str | None) -> bool:
    """Whether a page that held an article holds none any more: no text, or only that it was deleted."""
    text = (body or "").strip()
    return not text or (len(text) < DELETED_BODY and _DELETED.search(text) is not None)


def is_left_over(body: str, before: str, page_before: str | None) -> bool:
    """Whether a body is what is left of a page whose text is gone.

    It is short, little of it was in the body before, and most of it stood elsewhere on the page before. Without that
    page, a line none of which was said before is enough.
    """
    if len(body) >= LEFT_OVER:
        return False
    clauses = [clause for clause in _MARKS.split(body) if clause]
    whole = sum(map(len, clauses))
    said = sum(len(clause) for clause in clauses if len(clause) >= SHARED and clause in before)
    if page_before is None:
        return said == 0 and len(body) < DELETED_BODY and 2 * len(body) < len(before)
    known = sum(len(clause) for clause in clauses if clause in page_before)
    return said <= SAID_SHARE * whole and known >= KNOWN_SHARE * whole
