"""A copy found elsewhere against the official original in the store: whether it is true, and every alteration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from crawler.dedup import Fingerprint, Text, examine
from crawler.dedup.align import masked, similarity
from crawler.dedup.words import differences
from crawler.reading.record import content_sha256
from crawler.store.story import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.dedup.words import Difference
    from crawler.items import Article, Record
    from crawler.store import Store

Kind = Literal["inserted", "removed", "replaced", "number", "source", "date"]

CANDIDATES = 20
"""Articles of the store that the copy is held against."""
MIN_SHARED = 0.3
"""Share of the copy, or of the original if that is shorter, that must be common; a tampered half has more."""
MAX_REVISIONS = 50
"""Earlier revisions of the original that the copy is held against."""
CONTEXT = 12
"""Characters of the original that are shown around an alteration."""

_DIGIT = re.compile(r"[0-9０-９]")
_NUMERALS = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_ADDED = re.compile(
    r"[\s（(【\[]{0,3}(?:来源|稿源|信息来源|文章来源|发布时间|发布日期|更新时间|时间|作者|记者|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:次数|量|数)?|字号|字体"
    r"|责任编辑|责编|编辑|审核|校对|上一篇|下一篇|(?:版权|免责|特别)?声明|关键词|标签|分享到?|打印(?:本页)?|原文链接|相关阅读|当前位置)[】\]]?\s{0,2}[:：]"
)
_LONGEST_ADDED = 200
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One difference: what the original says and what the copy does, with the original's words around it.

    `where` is `title` or `body`, or the name of a field; `paragraph` counts the original's body from 1.
    """

    kind: Kind
    where: Literal["title", "body", "source", "date"]
    original: str | None
    copy: str | None
    before: str = ""
    after: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A copy beside its original; `revision` is the one it is nearest to, `notes` say what alters nothing."""

    original: Record
    revision: int
    revisions: int
    alterations: tuple[Alteration, ...]
    notes: tuple[str, ...] = ()

    @property
    def true(self) -> bool:
        """Whether nothing was altered."""
        return not self.alterations


async def compare(store: Store, copy: Article) -> Comparison | None:
    """Find the original of a restored copy and everything that was altered; None if the store holds no original.

    An article that was revised since is held against each of its revisions, and compared with the nearest.

    Raises:
        StorageError: the database refused.

    """
    nearest = await find_original(store, copy)
    if nearest is None:
        return None
    # Of a story the first is the original, even where a reprint's present words are nearer: it may have been revised.
    first = await store.articles.get(nearest.duplicate_of) if nearest.duplicate_of is not None else None
    found = [await _held_against(store, original, copy) for original in (first, nearest) if original is not None]
    return min(found, key=lambda comparison: _weight(comparison.alterations))


async def _held_against(store: Store, original: Record, copy: Article) -> Comparison:
    """The copy beside that revision of an article which it is nearest to."""
    revisions = (await store.articles.revisions(original.id))[-MAX_REVISIONS:]
    held = [(alterations(revision, copy), revision) for revision in revisions]
    altered, revision = min(reversed(held), key=lambda pair: _weight(pair[0]))
    notes = []
    if revision.revision != revisions[-1].revision:
        notes.append(f"a copy of revision {revision.revision}; the original has been revised since")
    if original.withdrawn_at is not None:
        notes.append(f"the original was withdrawn {original.withdrawn_at}")
    if copy.source is None and revision.source is not None:
        notes.append(f"the copy names no source; the original names {revision.source}")
    return Comparison(
        original=original,
        revision=revision.revision,
        revisions=revisions[-1].revision,
        alterations=tuple(altered),
        notes=tuple(notes),
    )


async def find_original(store: Store, copy: Article) -> Record | None:
    """The article of the store that a copy was made of, however it was altered: the one it shares most with.

    Of the articles of one story the first is preferred, if the copy shares as much with it.
    """
    fingerprint, content = Fingerprint(copy.title, copy.body), content_sha256(copy.title, copy.body)
    candidates = await store.articles.alike(fingerprint, content, CANDIDATES)
    text = Text(copy.title, copy.body)
    best: tuple[float, ...] | None = None
    found: Record | None = None
    for candidate in candidates:
        comparison = examine(text, Text(candidate.title, candidate.body))
        if comparison.shared < MIN_SHARED * min(comparison.lengths) or not comparison.shared:
            continue
        unlike = sum(comparison.evidence.against) + comparison.evidence.slips
        rank = (-round(comparison.shared / max(1, text.length), 2), unlike, candidate.duplicate_of is not None)
        if best is None or rank < best:
            best, found = rank, candidate
    return found


def wording(original: Record, reprint: Record) -> str:
    """How a reprint's words differ from those of its original, in a few words."""
    if original.content_sha256 == reprint.content_sha256:
        return "same words"
    comparison = examine(Text(original.title, original.body), Text(reprint.title, reprint.body))
    found = differences(original.body or "", reprint.body or "")
    parts = [f"{comparison.shared / max(1, comparison.lengths[0]):.0%} of the original"] if found else ["same body"]
    if found:
        parts.append(f"{len(found)} place{'s' * (len(found) != 1)} differ{'s' * (len(found) == 1)}")
    if differences(original.title or "", reprint.title or ""):
        parts.append("another title")
    return ", ".join(parts)


def appeared(record: Record) -> float:
    """When an article appeared, as UTC epoch seconds: as printed, else when it was first seen."""
    return moment(record.published_at, datetime.fromisoformat(record.first_seen_at).timestamp())


def alterations(original: Record, copy: Article) -> list[Alteration]:
    """Every alteration of a copy: words of its title and body, then its source and its date."""
    found = list(_worded(original, copy))
    if copy.source is not None and original.source is not None and not _same_name(copy.source, original.source):
        found.append(Alteration(kind="source", where="source", original=original.source, copy=copy.source))
    if original.published_at is not None and (copy.published_at or "")[:10] != original.published_at[:10]:
        found.append(Alteration(kind="date", where="date", original=original.published_at, copy=copy.published_at))
    return found


def _worded(original: Record, copy: Article) -> Iterator[Alteration]:
    title = original.title or ""
    # As one text: a copy may print its title as the first line of its body, or none.
    one = f"{title}\n{original.body or ''}" if title else original.body or ""
    other = f"{copy.title}\n{copy.body or ''}" if copy.title else copy.body or ""
    for difference in differences(one, _without_additions(other, one)):
        in_title = bool(title) and difference.start < len(title)
        yield Alteration(
            kind=_kind(difference),
            where="title" if in_title else "body",
            original=difference.before or None,
            copy=difference.after or None,
            before=one[max(0, difference.start - CONTEXT) : difference.start].rpartition("\n")[2],
            after=one[difference.end : difference.end + CONTEXT].partition("\n")[0],
            paragraph=None if in_title else one.count("\n", 0, difference.start) + (0 if title else 1),
        )


def _kind(difference: Difference) -> Kind:
    before, after = difference.before, difference.after
    if not before:
        return "inserted"
    if not after:
        return "removed"
    for form in (_DIGIT, _NUMERALS):
        if form.search(before) and form.search(after) and (form is _DIGIT or form.fullmatch(before)):
            return "number"
    return "replaced"


def _without_additions(copy: str, original: str) -> str:
    """A copy without the labelled lines that sites put around any article, unless the original has such a line too."""
    lines = copy.split("\n")
    if not any(map(_is_added, lines)):
        return copy
    own = [line for line in original.split("\n") if _is_added(line)]
    return "\n".join(
        line for line in lines if not _is_added(line) or any(similarity(masked(line), masked(one)) for one in own)
    )


def _is_added(line: str) -> bool:
    return len(line) <= _LONGEST_ADDED and _ADDED.match(line) is not None


def _same_name(one: str, other: str) -> bool:
    names = _MARKS.sub("", one), _MARKS.sub("", other)
    return names[0] == names[1]


def _weight(found: Sequence[Alteration]) -> int:
    return sum(max(len(one.original or ""), len(one.copy or "")) for one in found)
