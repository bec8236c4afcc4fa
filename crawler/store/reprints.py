"""Near duplicates: which stored articles share hashed clauses with a new one, kept so that it grows flat.

A hash belongs to `LIST` articles at most: what more of them share is a phrase or a template, and says nothing. So the
list of a common clause stays short, a notice of a family of fifty thousand adds only the clauses that are its own, and
a reprint adds only what its original lacks. Texts are compared by a function that the caller hands in.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import orjson
from sqlalchemy import BigInteger, bindparam, select

from crawler.store.prepared import Prepared
from crawler.store.schema import IS_NEWEST, article, revision, sketch
from crawler.store.statements import Upsert
from crawler.store.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection

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
NEAR, FIRST = 6, 4
"""Articles whose text is compared at most: those that share what is rarest, and then those that share most, which are
the first of a family, kept under what became common later."""
LIKELY = 0.5
"""The least weight of a candidate, to which a hash adds the share of its list that the candidate is: one clause that is
in two articles will do, or two that are in four. Of a family all are candidates: notices differ in little."""


def _lookup(count: int) -> Prepared:
    names: list[BindParameter[int]] = [bindparam(f"h{number}", type_=BigInteger()) for number in range(count)]
    return Prepared(select(sketch.c.hash, sketch.c.article_id).where(sketch.c.hash.in_(names)))


_LOOKUPS = {count: _lookup(count) for count in (SAMPLE, DETAILS)}
_ADD = Upsert(sketch, ("hash", "article_id"))
_TEXT = Prepared(
    select(revision.c.content)
    .join(article, IS_NEWEST)
    .where(article.c.id == bindparam("article_id"))
)


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
        return Found(_likeliest(lists, LIKELY), lists, sample, ())
    details = likeness.details()[:DETAILS]
    _look_up(conn, details, lists)
    return Found(_likeliest(lists, 0.0), lists, sample, details)


def _is_of_family(sample: Sequence[int], lists: Mapping[int, Sequence[int]]) -> bool:
    common = sum(len(found) >= LIST for found in lists.values())
    if common and len(sample) - common < KEPT:
        return True
    if len(lists) < ALIKE * len(sample):
        return False
    shared = Counter(article_id for found in lists.values() for article_id in found)
    return max(shared.values()) >= ALIKE * len(sample)


def _likeliest(lists: Mapping[int, Sequence[int]], least: float) -> tuple[int, ...]:
    """The articles of the lists that are worth a comparison, in its order."""
    weights: dict[int, float] = {}
    ranks: dict[int, float] = {}
    for found in lists.values():
        share = 1 / len(found)
        rank = share * share if len(found) < LIST else 0.0
        for article_id in found:
            weights[article_id] = weights.get(article_id, 0.0) + share
            ranks[article_id] = ranks.get(article_id, 0.0) + rank
    likely = [one for one, weight in weights.items() if weight >= least]
    near = sorted((one for one in likely if ranks[one]), key=lambda one: (-ranks[one], one))[:NEAR]
    rest = sorted(set(likely).difference(near), key=lambda one: (-weights[one], one))
    return (*near, *rest[:FIRST])


def _look_up(conn: Connection, hashes: Sequence[int], lists: dict[int, list[int]]) -> None:
    if not hashes:
        return
    size = SAMPLE if len(hashes) <= SAMPLE else DETAILS
    padded = [*hashes, *[hashes[0]] * (size - len(hashes))]
    for found, article_id in _LOOKUPS[size].rows(conn, {f"h{i}": h for i, h in enumerate(padded)}):
        lists.setdefault(found, []).append(article_id)


def texts(conn: Connection, articles: Sequence[int]) -> Iterator[Candidate]:
    """What the articles say now, each read when it is asked for."""
    for article_id in articles:
        for (content,) in _TEXT.rows(conn, {"article_id": article_id}):
            said = orjson.loads(content)
            yield Candidate(article_id, said.get("title"), said.get("body"))


def keep(conn: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Note an article's hashes."""
    if hashes:
        _ADD.run_many(conn, [{"hash": h, "article_id": article_id} for h in hashes])
