# ruff: noqa: E501 - texts are more readable on one line
"""Write thousands of distinct articles from the hand-written material: same seed, same article."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from crawler.replica.models import Attachment, Policy, Post, Province
from crawler.replica.writing import documents, names
from crawler.replica.writing.grammar import Grammar
from crawler.replica.writing.handwritten import POSTS
from crawler.replica.writing.topics_more import TOPICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DIGITS: Final = "一二三四五六七八九十"
_TYPES: Final = ("通知", "意见", "办法", "方案")


class Author:
    """Writes the posts of one replica. Hand-written posts come first, one each, then composed ones without end."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def write(self, number: int, kind: str, day: date, province: Province) -> Post:
        """Post `number` of a kind, dated `day`, of a province; the same arguments always give the same post."""
        rng = random.Random(f"{self._seed}:{number}:{kind}")
        match kind:
            case "policy":
                post = _policy(rng, day, number, province)
            case "notice":
                post = _notice(rng, day)
            case "interpretation":
                post = _interpretation(rng, day)
            case "conference":
                post = _conference(rng, day)
            case _:
                post = _news(rng, day)
        return replace(post, kind=kind, source=post.source or province.paper)

    def handwritten(self, kind: str) -> tuple[Post, ...]:
        """The posts of a kind that were written out by hand."""
        return tuple(post for post in POSTS if post.kind == kind)

    def revise(self, post: Post, number: int) -> Post:
        """`post` as an editor changes it: one sentence is added and a figure or a word of the first paragraph corrected."""
        rng = random.Random(f"{self._seed}:revise:{number}:{post.title}")
        grammar = _grammar(rng, {}, date(2026, 1, 1) + timedelta(days=rng.randrange(300)))
        added = grammar.fill(rng.choice(documents.VOICES))
        at = rng.randrange(1, len(post.paragraphs) + 1)
        while at < len(post.paragraphs) and "\t" in post.paragraphs[at]:
            at += 1
        paragraphs = [*post.paragraphs[:at], added, *post.paragraphs[at:]]
        return replace(post, paragraphs=tuple(paragraphs))


def _grammar(rng: random.Random, slots: Mapping[str, Sequence[str]], day: date) -> Grammar:
    before = day - timedelta(days=rng.randint(0, 3))
    fixed = {
        "day": f"{before.month}月{before.day}日",
        "city": names.name(rng, "city") or "",
        "subject": rng.choice(documents.SUBJECT_VERBS) + rng.choice(documents.SUBJECT_OBJECTS),
    }
    return Grammar(rng, {**documents.SLOTS, **documents.VOICE_SLOTS, **documents.NOTICE_SLOTS, **slots}, fixed)


def _news(rng: random.Random, day: date) -> Post:
    topic = rng.choice(TOPICS)
    grammar = _grammar(rng, topic.slots, day)
    title = grammar.fill(rng.choice(topic.titles))
    sentences = rng.sample(topic.sentences, rng.randint(6, 10))
    paragraphs = [grammar.fill(rng.choice(topic.leads))]
    while sentences:
        taken = [sentences.pop() for _ in range(min(len(sentences), rng.choice((1, 2, 2, 3))))]
        paragraphs.append("".join(grammar.fill(sentence) for sentence in taken))
    paragraphs += [grammar.fill(voice) for voice in rng.sample(documents.VOICES, rng.randint(1, 3))]
    author = names.person(rng) if rng.random() < 0.7 else None
    if author is not None:
        paragraphs[-1] += f"（记者 {author}）"
    return Post(
        title=title,
        paragraphs=tuple(paragraphs),
        authors=(author,) if author else (),
        editor=names.person(rng),
        source=None if rng.random() < 0.8 else rng.choice(("岚江晚报", "青埠观察", "山川网", "汀原融媒")),
    )


def _clauses(grammar: Grammar, rng: random.Random, day: date) -> list[str]:
    """Numbered chapters with their clauses, closed by the place of the seal."""
    drawn = rng.sample(documents.CLAUSES, rng.randint(7, 14))
    headings = iter(documents.HEADINGS)
    paragraphs, chapter = [], 0
    while drawn:
        paragraphs.append(f"{_DIGITS[chapter]}、{next(headings)}")
        chapter += 1
        count = rng.choice((1, 2, 2, 3)) if chapter < len(_DIGITS) else len(drawn)
        taken = [drawn.pop() for _ in range(min(len(drawn), count))]
        paragraphs += [f"（{digit}）{grammar.fill(clause)}" for digit, clause in zip(_DIGITS, taken, strict=False)]
    start = day + timedelta(days=30)
    paragraphs.append(f"本文件自{chinese_date(start)}起施行，有效期{rng.choice('二三五')}年。")
    return paragraphs


def chinese_date(day: date) -> str:
    """`2026年3月5日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def _policy(rng: random.Random, day: date, number: int, province: Province) -> Post:
    kind = rng.choice(_TYPES)
    grammar = _grammar(rng, {"doctype": (kind,)}, day)
    subject = grammar.fill("{subject}")
    written = day - timedelta(days=rng.randint(1, 12))
    serial = number % 190 + 1
    code = rng.choice(("政发", "政办发", "政办函"))
    office = f"{province.name}人民政府" + ("" if code == "政发" else "办公厅")
    title = f"{office}关于{subject}的{kind}" if kind in "通知意见" else f"{office}关于印发{subject}{kind}的通知"
    paragraphs = ["各市、县人民政府，省人民政府各委、办、厅、局：", grammar.fill(rng.choice(documents.AIMS))]
    paragraphs += _clauses(grammar, rng, day)
    attachments: tuple[Attachment, ...] = ()
    if rng.random() < 0.4:
        paragraphs += _table(grammar, rng)
    if rng.random() < 0.3:
        attachments = (Attachment(name=f"{subject}任务分工表.pdf", lines=tuple(_table(grammar, rng))),)
    paragraphs += [office, chinese_date(written)]
    policy = Policy(
        index_number=f"{province.code}/{day.year}-{number:06d}",
        doc_number=f"{province.short}{code}〔{written.year}〕{serial}号",
        issuer=office,
        topic=rng.choice(
            ("综合政务", "工业、交通", "农业、林业、水利", "城乡建设、环境保护", "民政、扶贫、救灾", "财政、金融、审计")
        ),
        written_on=written,
        effective_on=day + timedelta(days=30),
        validity="有效",
        keywords=(subject, kind),
    )
    return Post(title=title, paragraphs=tuple(paragraphs), policy=policy, attachments=attachments, source=office)


def _table(grammar: Grammar, rng: random.Random) -> list[str]:
    rows = ["序号\t任务\t责任单位\t完成时限"]
    rows += [
        f"{row}\t{grammar.fill('{duty}，{goal}')}\t{grammar.fill('{dept}')}\t{rng.randint(2027, 2030)}年{rng.randint(1, 12)}月"
        for row in range(1, rng.randint(4, 9))
    ]
    return rows


def _notice(rng: random.Random, day: date) -> Post:
    grammar = _grammar(rng, {}, day)
    title = grammar.fill(rng.choice(documents.NOTICE_TITLES))
    lines = [grammar.fill(line) for line in rng.sample(documents.NOTICE_LINES, rng.randint(4, 7))]
    if rng.random() < 0.6:
        lines += ["序号\t申报单位\t所在地\t金额（万元）"]
        lines += [
            grammar.fill(f"{row}\t{{company}}\t{{county}}\t{{30-4000/10}}") for row in range(1, rng.randint(4, 14))
        ]
    office = grammar.fill("{dept}")
    lines += [office, chinese_date(day)]
    return Post(title=title, paragraphs=tuple(lines), source=office)


def _interpretation(rng: random.Random, day: date) -> Post:
    grammar = _grammar(rng, {"doctype": ("通知",)}, day)
    title = grammar.fill("一问一答读懂《关于{subject}的通知》")
    lines = [grammar.fill("{day}，{dept}就《关于{subject}的通知》回答了本报记者提问。")]
    clauses = rng.sample(documents.CLAUSES, 12)
    for ask in rng.sample(documents.ASKS, rng.randint(4, 6)):
        lines += [f"问：{ask}", "答：" + grammar.fill(clauses.pop() + clauses.pop())]
    return Post(title=title, paragraphs=tuple(lines), editor=names.person(rng))


def _conference(rng: random.Random, day: date) -> Post:
    grammar = _grammar(rng, {"doctype": ("方案",)}, day)
    speaker = names.person(rng)
    title = grammar.fill("省政府新闻办举行“{subject}”新闻发布会")
    lines = [
        grammar.fill(
            f"{{day}}上午，省政府新闻办公室举行新闻发布会，{{dept}}副主任{speaker}介绍{{subject}}有关情况，并回答提问。"
        )
    ]
    topic = rng.choice(TOPICS)
    spoken = Grammar(
        rng,
        {**documents.SLOTS, **documents.VOICE_SLOTS, **topic.slots},
        {"city": names.name(rng, "city") or "", "day": "近日"},
    )
    lines += [f"{speaker}：" + spoken.fill(sentence) for sentence in rng.sample(topic.sentences, 3)]
    lines += [f"{speaker}：" + grammar.fill(clause) for clause in rng.sample(documents.CLAUSES, rng.randint(2, 5))]
    lines.append(grammar.fill(rng.choice(documents.VOICES)))
    return Post(title=title, paragraphs=tuple(lines), editor=names.person(rng))
