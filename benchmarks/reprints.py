"""Reprints found and kept apart: recall, precision over notices, cost an article, peers beside it.

    python -m benchmarks.reprints [--articles N] [--originals N] [--million] [--peers] [--parts]

Everything goes through the store (SQLite) as in a crawl. Thresholds were chosen on the even half (articles of even
number, even templates); what is printed is of the odd half. `--million` times new articles on a store of 20,000 and on
one whose index holds a million; `--peers` finds the same variants with MinHashLSH of datasketch (extra `bench`) and with
a 64-bit simhash; `--parts` times hashes, look-up, candidates, comparison and keeping apart.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import sqlite3
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.reprint_corpus import (
    FLAVOURS,
    TEMPLATES,
    VARIANTS,
    Sample,
    family,
    other_characters,
    shared_articles,
    written_articles,
)
from crawler.dedup import Fingerprint
from crawler.dedup.clauses import split
from crawler.items import Record
from crawler.store import ArticleWrite, Store
from crawler.store.reprints import KEPT, KEPT_DETAILS, candidates, find, keep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.store.values import Candidate


def corpus(count: int) -> list[Sample]:
    """Articles cut from real texts, articles of the replica's author, and families of notices that fill up the rest."""
    rng = random.Random(5)
    made = [("cut", -1, *text) for text in shared_articles()][:count]
    made += [("written", -1, *text) for text in written_articles(min(3000, max(0, count - len(made)) // 5))]
    plans = [(template, flavour) for template in range(len(TEMPLATES)) for flavour in FLAVOURS]
    each = max(1, (count - len(made)) // len(plans))
    for template, flavour in plans:
        made += [("notice", template, *text) for text in family(template, 1, each, flavour)]
    rng.shuffle(made)
    return [Sample(number, title, body, which, kind) for number, (kind, which, title, body) in enumerate(made)]


def held_out(sample: Sample) -> bool:
    return (sample.number if sample.family < 0 else sample.family) % 2 == 1


def write_of(sample: Sample, section_id: int, portal: str) -> ArticleWrite:
    url = f"https://{portal}.example/{sample.number}.html"
    content = hashlib.sha256(f"{sample.title}\0{sample.body}".encode()).hexdigest()
    record = Record(
        made_by="benchmark",
        id=f"{portal}{sample.number}",
        url=url,
        canonical_url=url,
        portal=portal,
        portal_name=portal,
        region="000000",
        sections=("news",),
        kind="news",
        title=sample.title,
        published_at="2025-06-01",
        first_seen_at="2026-11-22T00:00:00Z",
        fetched_at="2026-11-22T00:00:00Z",
        body=sample.body,
        content_sha256=content,
    )
    return ArticleWrite(
        section_id=section_id,
        entry_key=None,
        article_id=record.id,
        keys=(hashlib.blake2b(url.encode(), digest_size=16).digest(),),
        record=record,
        alert=False,
        now=1_790_000_000.0 + sample.number,
        likeness=Fingerprint(sample.title, sample.body),
    )


def look_up(conn: Connection, sample: Sample) -> Candidate | None:
    """What storing this article would take for its original."""
    likeness = Fingerprint(sample.title, sample.body)
    return likeness.choose(candidates(conn, find(conn, likeness).articles)) if likeness.sample else None


def find_and_keep(conn: Connection, sample: Sample) -> None:
    likeness = Fingerprint(sample.title, sample.body)
    found = find(conn, likeness)
    chosen = likeness.choose(candidates(conn, found.articles)) if found.articles else None
    keep(conn, 2 * 10**9 + sample.number, found.own(found.articles if chosen is not None else ()))


PARTS = ("hashes", "look-up", "candidates", "comparison", "keeping")


def timed(conn: Connection, sample: Sample) -> list[float]:
    """CPU seconds of each of the `PARTS` for an article that is stored later; what it keeps is taken back."""
    marks = [time.thread_time()]
    likeness = Fingerprint(sample.title, sample.body)
    marks.append(time.thread_time())
    found = find(conn, likeness)
    marks.append(time.thread_time())
    likely = candidates(conn, found.articles)
    marks.append(time.thread_time())
    chosen = likeness.choose(likely)
    marks.append(time.thread_time())
    conn.exec_driver_sql("SAVEPOINT kept")
    start = time.thread_time()
    keep(conn, 2 * 10**9 + sample.number, found.own(found.articles if chosen is not None else ()))
    marks.append(marks[-1] + time.thread_time() - start)
    conn.exec_driver_sql("ROLLBACK TO kept")
    return [after - before for before, after in pairwise(marks)]


async def parts(count: int) -> None:
    """Print the microseconds of each part for posts of one section, as `benchmarks.crawl` has them, and real texts."""
    rng = random.Random(3)
    news = [text for number, text in enumerate(written_articles(count * 5 // 2)) if number % 5 < 2]
    kinds = {"news of one section": news, "texts cut": shared_articles()}
    print(f"microseconds of CPU an article, {count} of each, each looked up before it is stored")
    print(f"{'':22}" + "".join(f"{part:>12}" for part in (*PARTS, "all")))
    for kind, texts in kinds.items():
        rng.shuffle(texts)
        samples = [Sample(number, *text) for number, text in enumerate(texts[:count])]
        with tempfile.TemporaryDirectory() as folder:
            bench = await open_bench(Path(folder))
            spent = [0.0] * len(PARTS)
            for at in range(0, len(samples), 16):
                batch = samples[at : at + 16]
                write = bench.store._backend.write  # noqa: SLF001 - what a transaction does
                for taken in await asyncio.gather(*(write(timed, sample) for sample in batch)):
                    spent = [one + other for one, other in zip(spent, taken, strict=True)]
                await bench.add(batch)
            await bench.store.close()
        each = [seconds / len(samples) * 1e6 for seconds in (*spent, sum(spent))]
        print(f"{kind:22}" + "".join(f"{one:12.0f}" for one in each), flush=True)


class Bench:
    """A store in a folder of its own, and how many articles it took."""

    def __init__(self, store: Store, path: Path, section_id: int) -> None:
        self.store, self.path, self.section_id = store, path, section_id
        self.roots: dict[str, str] = {}

    async def add(self, samples: Sequence[Sample], portal: str = "shanxi") -> tuple[int, float]:
        """Store samples; gives how many were taken for reprints and the CPU seconds that it took."""
        start, before = time.process_time(), await self.store.events.last_seq()
        for at in range(0, len(samples), 200):
            part = [write_of(sample, self.section_id, portal) for sample in samples[at : at + 200]]
            await asyncio.gather(*map(self.store.articles.store, part))
        spent, reprints = time.process_time() - start, 0
        while events := await self.store.events.after(before, 5000):
            before = events[-1].seq
            for event in events:
                self.roots[event.record.id] = event.record.duplicate_of or event.record.id
                reprints += event.type == "published" and event.record.duplicate_of is not None
        return reprints, spent

    async def find_and_keep(self, samples: Sequence[Sample]) -> float:
        """Milliseconds of CPU an article for what storing does to find its original and to keep its hashes."""
        start = time.process_time()
        for at in range(0, len(samples), 64):
            part = samples[at : at + 64]
            await asyncio.gather(*(self.store._backend.write(find_and_keep, sample) for sample in part))  # noqa: SLF001
        return (time.process_time() - start) / len(samples) * 1e3

    def rows(self) -> list[tuple[str, int]]:
        """Each article's id and row."""
        with sqlite3.connect(self.path) as file:
            return file.execute("SELECT public_id, id FROM article").fetchall()

    async def original_of(self, sample: Sample) -> str | None:
        """The story that a text would be taken for a reprint of."""
        found = await self.store._backend.read(look_up, sample)  # noqa: SLF001 - what a transaction does, without its insert
        return None if found is None else str(found.row)


async def open_bench(folder: Path) -> Bench:
    path = folder / "bench.db"
    store = await Store.open(f"sqlite:///{path}")
    section = await store.sections.open("shanxi", "news")
    return Bench(store, path, section.id)


def fits_as_well(copy: Sample, found: Sample, true: Sample) -> bool:
    """Whether what is left of a notice is in the one that was found as much as in its own original.

    Half a notice may no longer say which of the family it is of; then any that it fits is right.
    """
    clauses = set(split(copy.body))
    return len(clauses.intersection(split(found.body))) >= len(clauses.intersection(split(true.body)))


KINDS = ("cut", "written", "notice")


def originals_of(samples: Sequence[Sample], count: int) -> list[Sample]:
    """So many articles of each kind, of the half that is reported."""
    rng = random.Random(17)
    chosen: list[Sample] = []
    for kind in KINDS:
        held = [s for s in samples if held_out(s) and s.kind == kind]
        chosen += rng.sample(held, min(len(held), count))
    return chosen


async def recall(bench: Bench, samples: list[Sample], originals: int) -> None:
    rng = random.Random(17)
    back = {str(row): public for public, row in bench.rows()}
    chosen = originals_of(samples, originals)
    right_total = wrong_total = 0
    print(
        f"\nrecall, {len(chosen)} originals of the held-out half: texts cut, posts written, notices with siblings in the store"
    )
    print(f"{'variant':28} {'recall':>7} {'cut':>7} {'written':>8} {'notices':>8} {'wrong':>6} {'ms':>6}")
    for name, change in VARIANTS.items():
        right: dict[str, list[bool]] = {kind: [] for kind in KINDS}
        wrong, spent = 0, 0.0
        for sample in chosen:
            copy = change(rng, sample)
            start = time.process_time()
            found = await bench.original_of(copy)
            spent += time.process_time() - start
            hit = found is not None and bench.roots[back[found]] == bench.roots[f"shanxi{sample.number}"]
            if found is not None and not hit:
                hit = fits_as_well(copy, samples[int(back[found].removeprefix("shanxi"))], sample)
            right[sample.kind].append(hit)
            wrong += found is not None and not hit
        every = [hit for kind in KINDS for hit in right[kind]]
        right_total, wrong_total = right_total + sum(every), wrong_total + wrong
        shares = [statistics.mean(part) for part in (every, *(right[kind] for kind in KINDS))]
        print(
            f"{name:28} {shares[0]:7.4f} {shares[1]:7.4f} {shares[2]:8.4f} {shares[3]:8.4f} {wrong:6} "
            f"{spent / len(chosen) * 1e3:6.2f}"
        )
    links = right_total + wrong_total
    print(f"precision over all variants: {right_total / max(1, links):.4f} of {links} links")


async def cold_start() -> None:
    print(
        "\nnotices of one template, new to a store that holds n siblings: taken for a reprint, and with 1 % of characters changed"
    )
    rng = random.Random(23)
    for flavour in FLAVOURS:
        parts = []
        for siblings in range(4):
            wrong = noisy = total = 0
            with tempfile.TemporaryDirectory() as folder:
                bench = await open_bench(Path(folder))
                number = 0
                for template in range(1, len(TEMPLATES), 2):
                    made = family(template, 100 + siblings, siblings + 12, flavour)
                    samples = [Sample(number + i, *text, template) for i, text in enumerate(made)]
                    number += len(samples)
                    await bench.add(samples[:siblings])
                    for sample in samples[siblings:]:
                        total += 1
                        wrong += await bench.original_of(sample) is not None
                        noisy += await bench.original_of(other_characters(rng, sample)) is not None
                await bench.store.close()
            parts.append(f"n={siblings}: {wrong}/{total}, {noisy}/{total}")
        print(f"  differ in {flavour:7} " + "   ".join(parts))


def size_of(path: Path) -> tuple[int, int]:
    """Bytes of the sketch table, and its rows."""
    with sqlite3.connect(path) as file:
        rows: int = file.execute("SELECT count(*) FROM sketch").fetchone()[0]
        try:
            size = file.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'sketch'").fetchone()[0]
        except sqlite3.OperationalError:
            size = rows * 24
    return size, rows


async def at_size(count: int, originals: int) -> None:
    samples = corpus(count)
    with tempfile.TemporaryDirectory() as folder:
        bench = await open_bench(Path(folder))
        marked, spent = await bench.add(samples)
        held = [s for s in samples if held_out(s)]
        linked = [s for s in held if bench.roots[f"shanxi{s.number}"] != f"shanxi{s.number}"]
        print(
            f"{len(samples)} articles, of them {sum(s.family >= 0 for s in samples)} notices of {len(TEMPLATES) * len(FLAVOURS)} families"
        )
        print(f"stored at {spent / len(samples) * 1e3:.2f} ms CPU an article in all; {marked} taken for reprints")
        notices = [s for s in linked if s.family >= 0]
        print(
            f"held-out half: {len(notices)} of {sum(s.family >= 0 for s in held)} notices and {len(linked) - len(notices)} of "
            f"{sum(s.family < 0 for s in held)} articles taken for a reprint of another"
        )
        size, rows = size_of(bench.path)
        print(f"index: {size / len(samples):.0f} bytes and {rows / len(samples):.1f} hashes an article")
        await recall(bench, samples, originals)
        await bench.store.close()


def fill_up(path: Path, articles: int, first_id: int) -> None:
    """Add the hashes of so many articles that do not exist, half of them notices, as storing them would have left them.

    What the notices of a family of 50,000 share is in the lists of its first ones alone, so all others keep their own.
    """
    rng = random.Random(31)
    rows = articles // 2 * KEPT + articles // 2 * (KEPT_DETAILS + 2)
    step = 2**48 // rows
    with sqlite3.connect(path) as file:
        file.executemany(
            "INSERT OR IGNORE INTO sketch (hash, article_id) VALUES (?, ?)",
            ((number * step + rng.randrange(step), first_id + rng.randrange(articles)) for number in range(rows)),
        )
    file.close()


async def million(count: int) -> None:
    samples = corpus(count)
    known = {sample.body for sample in samples}
    fresh = [
        s
        for s in (Sample(10**6 + n, *text) for n, text in enumerate(written_articles(4500)[3000:]))
        if s.body not in known
    ]
    notices = [text for template in range(len(TEMPLATES)) for text in family(template, 999, 60, "all")]
    new_notices = [Sample(2 * 10**6 + n, *text) for n, text in enumerate(notices)]
    print("\nCPU of finding and keeping (look-up, comparison of texts, insert, commit), ms a new article")
    print(f"{'index holds':>12} {'posts':>7} {'notices':>8} {'bytes an article':>17}")
    for size in (count, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            bench = await open_bench(Path(folder))
            await bench.add(samples)
            if size > count:
                await bench.store.close()
                fill_up(bench.path, size - count, 10**9)
                bench = await open_bench(Path(folder))
            taken, _ = size_of(bench.path)
            spent = [await bench.find_and_keep(part) for part in (fresh, new_notices)]
            print(f"{size:12,} {spent[0]:7.3f} {spent[1]:8.3f} {taken / size:17.0f}", flush=True)
            await bench.store.close()
    start = time.process_time()
    for sample in fresh:
        Fingerprint(sample.title, sample.body)
    characters = statistics.mean(len(sample.body) for sample in fresh)
    print(
        f"of this the fingerprint of a post of {characters:.0f} characters: {(time.process_time() - start) / len(fresh) * 1e3:.3f} ms"
    )


def peers(count: int, originals: int) -> None:
    """The same variants by MinHashLSH (datasketch) and by simhash."""
    try:
        from benchmarks.reprint_peers import report  # noqa: PLC0415 - peers, not dependencies
    except ImportError as error:
        raise SystemExit(f"{error}: pip install -e '.[bench]'") from error
    samples = corpus(count)
    report(samples, originals_of(samples, originals))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--originals", type=int, default=450)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--parts", action="store_true")
    args = parser.parse_args()
    if args.parts:
        await parts(min(args.articles, 2000))
    elif args.million:
        await million(args.articles)
    elif args.peers:
        peers(args.articles, args.originals)
    else:
        await at_size(args.articles, args.originals)
        await cold_start()


if __name__ == "__main__":
    asyncio.run(main())
