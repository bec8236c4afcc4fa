"""Near duplicates: which stored articles share hashed clauses with a new one, kept so that it grows flat.

A hash belongs to `LIST` articles at most: what more of them share is a phrase or a template, and says nothing. So the
list of a common clause stays short, a notice of a family of fifty thousand adds only the clauses that are its own, and
a reprint adds only what its original lacks. Texts are compared by a function that the caller hands in.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import orjson
from sqlalchemy import bindparam, select

from crawler.store.among import AddAll, Among
from crawler.store.prepared import Prepared
from crawler.store.schema import IS_NEWEST, article, revision, sketch
from crawler.store.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from crawler.store.values import Likeness

LIST = 4
"""Articles that a hash is kept for; those that come later share it with all of these."""
SAMPLE = 24
"""Hashes in one look-up of a sample: twice what is kept, since a copy brings clauses of its own into its sample."""
DETAILS = 144
"""Hashes in one look-up of details."""
KEPT = 12
"""Hashes of the sample that are kept; if fewer are not common, details are looked up and kept too."""
KEPT_DETAILS = 16
"""Details that are kept besides, the rarest."""
ALIKE = 0.5
"""Share of the sample that one other article has, from which the two may be notices of one family."""
NEAR, FIRST, FIRST_BRIEF = 12, 6, 24
"""Articles that are candidates at most: those that share what is rarest, and then those that are in most lists that
differ, which are the first of a family, kept under what became common later, and those that share a date or a name:
more of them where a text is so brief that a sample holds all its clauses."""
LIKELY = 0.5
"""The least weight of a candidate, to which a hash adds the share of its list that the candidate is: one clause that is
in two articles will do, or two that are in four. Of a family all are candidates: notices differ in little."""

_LOOK_UP = Among(select(sketch.c.hash, sketch.c.article_id), sketch.c.hash, (SAMPLE, 72, DETAILS))
_CONTENTS = Among(select(article.c.id, article.c.content_sha256), article.c.id, (2, 4, 8, 16, NEAR + FIRST_BRIEF))
_ADD = AddAll(sketch)
_TEXT = Prepared(select(revision.c.content).join(article, IS_NEWEST).where(article.c.id == bindparam("article_id")))


class Found(NamedTuple):
    """Articles that share hashes, the likeliest first; which articles have which hash; and what was looked up."""

    articles: tuple[int, ...]
    lists: Mapping[int, Sequence[int]]
    sample: Sequence[int]
    details: Sequence[int]

    def own(self, others: Iterable[int] = ()) -> list[int]:
        """The hashes to keep for the article: no common one, and none of the others' (of its story)."""
        told = set(others)

        def free(hashes: Sequence[int]) -> list[int]:
            return [h for h in hashes if len(had := self.lists.get(h, ())) < LIST and told.isdisjoint(had)]

        rare = sorted(free(self.details), key=lambda h: len(self.lists.get(h, ())))
        return [*free(self.sample)[:KEPT], *rare[:KEPT_DETAILS]]


def find(conn: Connection, likeness: Likeness, *, every: bool = False) -> Found:
    """Look up an article's sample, and its details where they are needed or `every` hash is asked for."""
    lists: dict[int, list[int]] = {}
    sample = likeness.sample[:SAMPLE]
    _look_up(conn, sample, lists)
    if not sample or not (every or _is_of_family(sample, lists)):
        return Found(_likeliest(lists, LIKELY, FIRST), lists, sample, ())
    details = likeness.details({h for h, found in lists.items() if len(found) >= LIST})[:DETAILS]
    _look_up(conn, details, lists)
    first = FIRST if len(sample) == SAMPLE else FIRST_BRIEF
    return Found(_likeliest(lists, 0.0, first), lists, sample, details)


def _is_of_family(sample: Sequence[int], lists: Mapping[int, Sequence[int]]) -> bool:
    """Whether a sample does not tell: it is short, much of it is common, or much is another article's."""
    if len(sample) < KEPT:
        return True
    common = sum(len(found) >= LIST for found in lists.values())
    if common and len(sample) - common < KEPT:
        return True
    if len(lists) < ALIKE * len(sample):
        return False
    shared: dict[int, int] = {}
    for found in lists.values():
        for article_id in found:
            shared[article_id] = shared.get(article_id, 0) + 1
    return max(shared.values()) >= ALIKE * len(sample)


def _likeliest(lists: Mapping[int, Sequence[int]], least: float, first: int) -> tuple[int, ...]:
    """The articles of the lists that are worth a glance, the likeliest first."""
    weights: dict[int, float] = {}
    ranks: dict[int, float] = {}
    for found in lists.values():
        share = 1 / len(found)
        for article_id in found:
            weights[article_id] = weights.get(article_id, 0.0) + share
        if len(found) < LIST:
            for article_id in found:
                ranks[article_id] = ranks.get(article_id, 0.0) - share * share
    near = sorted([(rank, one) for one, rank in ranks.items() if weights[one] >= least])[:NEAR]
    chosen = [one for _, one in near]
    told = set(chosen)
    spread: dict[int, int] = {}
    for several in set(map(frozenset, lists.values())):
        for article_id in several:
            spread[article_id] = spread.get(article_id, 0) - 1
    left = [one for one, weight in weights.items() if weight >= least and one not in told]
    rest = sorted([(spread[one], -weights[one], one) for one in left])
    return (*chosen, *(one for _, _, one in rest[:first]))


def _look_up(conn: Connection, hashes: Sequence[int], lists: dict[int, list[int]]) -> None:
    for found, article_id in _LOOK_UP.rows(conn, hashes):
        if found in lists:
            lists[found].append(article_id)
        else:
            lists[found] = [article_id]


def candidates(conn: Connection, articles: Sequence[int]) -> list[Candidate]:
    """The articles by the hash of their content, each to be read when that is asked for."""
    contents: dict[int, bytes | None] = dict(_CONTENTS.rows(conn, articles))
    return [Candidate(one, contents[one], partial(_read, conn, one)) for one in articles if one in contents]


def _read(conn: Connection, article_id: int) -> tuple[str | None, str | None]:
    """An article's title and body as they are now."""
    for (content,) in _TEXT.rows(conn, {"article_id": article_id}):
        said = orjson.loads(content)
        return said.get("title"), said.get("body")
    return None, None


def keep(conn: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Note an article's hashes."""
    _ADD.run(conn, [(h, article_id) for h in hashes])
