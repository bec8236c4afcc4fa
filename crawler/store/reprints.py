"""Near duplicates: which stored articles share hashed clauses with a new one, kept so that it grows flat.

A hash belongs to `LIST` articles at most: what more of them share is a phrase or a template, and says nothing. So the
list of a common clause stays short, a notice of a family of fifty thousand adds only the clauses that are its own, and
a reprint adds only what its original lacks. Texts are compared by a function that the caller hands in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson
from sqlalchemy import BigInteger, bindparam, select

from crawler.store.prepared import Prepared
from crawler.store.schema import article, revision, sketch
from crawler.store.statements import Upsert
from crawler.store.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection

LIST = 4
"""Articles that a hash is kept for; those that come later share it with all of these."""
SAMPLE = 12
"""Hashes that are looked up and kept of an ordinary article: of a copy that keeps a third of the clauses, one chance in
130 is left that none of them is found."""
ENOUGH_OWN = 6
"""Of the sample, hashes that are not common; with fewer, the article is one of a family and all its hashes are used."""
EXTENDED = 128
"""Hashes that are looked up for one of a family, and of any article when an original is searched for."""
CANDIDATES = 8
"""Articles whose text is compared at most."""
LIKELY = 0.5
"""The least weight of a candidate, to which a hash adds the share of its list that the candidate is: one clause that is
in two articles will do, or two that are in four."""


def _lookup(count: int) -> Prepared:
    names: list[BindParameter[int]] = [bindparam(f"h{number}", type_=BigInteger()) for number in range(count)]
    return Prepared(select(sketch.c.hash, sketch.c.article_id).where(sketch.c.hash.in_(names)))


_LOOKUPS = {count: _lookup(count) for count in (SAMPLE, EXTENDED)}
_ADD = Upsert(sketch, ("hash", "article_id"))
_TEXT = Prepared(
    select(revision.c.content)
    .join(article, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.revision))
    .where(article.c.id == bindparam("article_id"))
)


class Found(NamedTuple):
    """Articles that share clauses, the likeliest first, and the hashes that are neither common nor theirs."""

    articles: tuple[int, ...]
    lists: Mapping[int, Sequence[int]]
    hashes: Sequence[int]

    def own(self, story: Iterable[int] = ()) -> list[int]:
        """The hashes to keep for the article, of a reprint those that no article of its story has."""
        told = set(story)
        free = [h for h in self.hashes if len(found := self.lists.get(h, ())) < LIST and told.isdisjoint(found)]
        return free[:SAMPLE]


def find(conn: Connection, hashes: Sequence[int], *, every: bool = False) -> Found:
    """Look up an article's hashes; `every` one of them for a copy whose original is searched for."""
    lists: dict[int, list[int]] = {}
    sample = hashes[:SAMPLE]
    _look_up(conn, sample, lists)
    common = sum(len(lists.get(h, ())) >= LIST for h in sample)
    if len(hashes) > SAMPLE and (every or len(sample) - common < ENOUGH_OWN):
        sample = hashes[: SAMPLE + EXTENDED]
        _look_up(conn, sample[SAMPLE:], lists)
    return Found(_likeliest(lists), lists, sample)


def _likeliest(lists: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """The articles of the lists; those that share what few others have come first."""
    weights: dict[int, float] = {}
    ranks: dict[int, float] = {}
    for found in lists.values():
        share = 1 / len(found)
        for article_id in found:
            weights[article_id] = weights.get(article_id, 0.0) + share
            ranks[article_id] = ranks.get(article_id, 0.0) + share * share
    likely = [(-ranks[article_id], article_id) for article_id, weight in weights.items() if weight >= LIKELY]
    return tuple(article_id for _, article_id in sorted(likely))


def _look_up(conn: Connection, hashes: Sequence[int], lists: dict[int, list[int]]) -> None:
    if not hashes:
        return
    size = SAMPLE if len(hashes) <= SAMPLE else EXTENDED
    padded = [*hashes, *[hashes[0]] * (size - len(hashes))]
    for found, article_id in _LOOKUPS[size].rows(conn, {f"h{i}": h for i, h in enumerate(padded)}):
        lists.setdefault(found, []).append(article_id)


def texts(conn: Connection, articles: Sequence[int]) -> Iterator[Candidate]:
    """What the articles say now, each read when it is asked for."""
    for article_id in articles[:CANDIDATES]:
        for (content,) in _TEXT.rows(conn, {"article_id": article_id}):
            said = orjson.loads(content)
            yield Candidate(article_id, said.get("title"), said.get("body"))


def keep(conn: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Note an article's hashes."""
    if hashes:
        _ADD.run_many(conn, [{"hash": h, "article_id": article_id} for h in hashes])
