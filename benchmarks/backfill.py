"""CPU an article of a whole backfill, against Scrapy spiders written by hand for the same list.

    python -m benchmarks.backfill [--articles N] [--rounds N] [--memory N,N] [--trafilatura PYTHON]

Every side is a process of its own, run in turn against one replica server; user and system time of all their threads
count, start-up included. All walk the same list page by page and write JSONL. Ours also keeps a ledger, stores and
deduplicates (SQLite, synchronous=FULL), restores text, resumes after a kill and ends with a completeness report. The
first peer takes title, date, source and paragraphs by CSS selectors and writes by FEEDS; the second, if PYTHON is the
interpreter of an environment with scrapy and trafilatura, has trafilatura find the text. Pages have the sizes of real
article pages (mean about 85 kB). `complete` counts articles whose text is the published one, character by character,
spaces aside.

`--memory 2000,20000` backfills archives of these sizes instead; prints articles a second and the peak memory of each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.crawl import compile_package, cpu_seconds
from crawler.replica.process import ReplicaProcess

if TYPE_CHECKING:
    from collections.abc import Callable

SECTION = "replica-trs/news"
SPIDER = """
import re, sys, scrapy
from scrapy.crawler import CrawlerProcess

class ByHand(scrapy.Spider):
    name = "byhand"
    start_urls = [sys.argv[1]]

    def parse(self, response):
        for link in response.css("li > a[href*='/t20']"):
            yield response.follow(link, self.article)
        if response.url == sys.argv[1]:
            pages = int(re.search(r"createPageHTML\\((\\d+)", response.text)[1])
            for number in range(1, pages):
                yield response.follow(f"index_{number}.shtml", self.parse)

    def article(self, response):
        yield {"url": response.url, **read(response)}

TEXT

process = CrawlerProcess({"LOG_LEVEL": "WARNING", "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "DOWNLOAD_DELAY": 0,
    "FEEDS": {sys.argv[2]: {"format": "jsonlines", "encoding": "utf-8", "overwrite": True}}})
process.crawl(ByHand)
process.start()
"""
CSS = """
def read(response):
    return {
        "title": response.css('meta[name="ArticleTitle"]::attr(content)').get(),
        "date": response.css('meta[name="PubDate"]::attr(content)').get(),
        "source": response.css('meta[name="ContentSource"]::attr(content)').get(),
        "body": "\\n".join("".join(p.css("::text").getall()).strip() for p in response.css(".TRS_UEDITOR p")),
    }
"""
TRAFILATURA = """
import trafilatura
def read(response):
    found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
    return {"title": found.title, "date": found.date, "body": found.text or ""} if found else {"body": ""}
"""


@dataclass
class Side:
    """What one side did in one round."""

    milliseconds: float
    seconds: float
    memory: float
    articles: int
    complete: int


def main() -> None:
    """Run the sides in turn, or one backfill a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--page-sizes", default="real", help="of the replica's pages: real, small or bytes")
    parser.add_argument("--trafilatura", metavar="PYTHON")
    options = parser.parse_args()
    compile_package()
    if options.memory:
        peaks = [measure(size, options.page_sizes) for size in options.memory]
        print(f"peak memory, largest over smallest archive: {peaks[-1] / peaks[0]:.2f}")
        return
    with (
        tempfile.TemporaryDirectory() as scratch,
        replica(Path(scratch), options.articles, options.page_sizes) as server,
    ):
        compare(Path(scratch), server, options.rounds, options.trafilatura)


def replica(folder: Path, articles: int, page_sizes: str) -> ReplicaProcess:
    """A replica with one long list, and a configuration that is not slowed by politeness."""
    (folder / "portalwatch.toml").write_text("[politeness]\ndelay = 0\n", "utf-8")
    arguments = ["--articles", f"trs/news={articles}", "--page-sizes", page_sizes]
    return ReplicaProcess(*arguments, "--portals-dir", str(folder / "portals"))


def ours(folder: Path, data: Path) -> tuple[list[str], Callable[[], list[dict[str, Any]]]]:
    """Our command, and how its output is read."""
    command = [sys.executable, "-m", "crawler.cli.main", "backfill", SECTION, "--json", "-q", "--data", str(data)]
    return [*command, "--config", str(folder / "portalwatch.toml")], lambda: lines(data / "articles.jsonl")


def measure(articles: int, page_sizes: str) -> float:
    """One backfill of an archive; its peak memory in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with replica(folder, articles, page_sizes) as server:
            speed_up(folder)
            command, read = ours(folder, folder / "data")
            cpu, wall, memory, printed = cpu_seconds(command)
            report = json.loads(printed)
            published = bodies(server)
            ledger = server.ledger()["articles"]
        months: dict[str, int] = {}
        for line in ledger:
            if "news" in line["sections"]:
                months[line["published_at"][:7]] = months.get(line["published_at"][:7], 0) + 1
        same = {month["month"]: month["extracted"] for month in report["months"]} == months
        whole = sum(published.get(line["url"]) == bare(line["body"]) for line in read())
        print(
            f"{articles} articles on {report['pages']} list pages: {report['extracted'] / wall:.0f} articles/s,"
            f" {1000 * cpu / articles:.2f} ms of CPU an article, peak {memory:.0f} MB; complete text {whole};"
            f" report {'equal to' if same and report['complete'] else 'DIFFERENT from'} the replica's ledger"
        )
        return memory


def speed_up(folder: Path) -> None:
    """Eight requests at once, on all sides."""
    portal = folder / "portals" / "replica-trs.toml"
    portal.write_text(portal.read_text("utf-8").replace("concurrency = 4", "concurrency = 8"), "utf-8")


def compare(folder: Path, server: ReplicaProcess, rounds: int, python: str | None) -> None:
    """Print a line a round and side, and the medians."""
    speed_up(folder)
    published = bodies(server)
    start = next(p for p in server.get("/portals") if p["id"] == "replica-trs")["sections"]["news"]
    results: dict[str, list[Side]] = {}
    for number in range(rounds + 1):
        data, feed = folder / f"data{number}", folder / "feed.jsonl"
        sides = {"ours": ours(folder, data), "css": peer(sys.executable, CSS, start, feed)}
        if python:
            sides["trafilatura"] = peer(python, TRAFILATURA, start, feed)
        for name, (command, read) in sides.items():
            cpu, wall, memory, _ = cpu_seconds(command)
            found = read()
            complete = sum(published.get(one["url"]) == bare(one["body"]) for one in found)
            side = Side(1000 * cpu / max(len(found), 1), wall, memory, len(found), complete)
            if number:  # the first round warms the replica's caches
                results.setdefault(name, []).append(side)
                print(
                    f"round {number}, {name}: {side.milliseconds:.2f} ms an article in {wall:.1f} s, {memory:.0f} MB,"
                    f" {side.articles} articles, {side.complete} of {len(published)} complete"
                )
    for name in [name for name in results if name != "ours"]:
        pairs = zip(results["ours"], results[name], strict=True)
        ratios = [mine.milliseconds / theirs.milliseconds for mine, theirs in pairs]
        print(
            f"CPU an article: ours {statistics.median(s.milliseconds for s in results['ours']):.2f} ms, {name}"
            f" {statistics.median(s.milliseconds for s in results[name]):.2f} ms, ratio {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f}-{max(ratios):.2f}) over {rounds} rounds"
        )


def peer(python: str, reading: str, start: str, feed: Path) -> tuple[list[str], Callable[[], list[dict[str, Any]]]]:
    """A spider's command, and how its output is read."""
    spider = feed.parent / f"{hashlib.sha256(reading.encode()).hexdigest()[:8]}.py"
    spider.write_text(SPIDER.replace("TEXT", reading), "utf-8")
    return [python, str(spider), start, str(feed)], lambda: lines(feed)


def bodies(server: ReplicaProcess) -> dict[str, str]:
    """The published text by address."""
    ledger = server.ledger()["articles"]
    wanted = [line for line in ledger if "news" in line["sections"] and line["form"] == "article"]
    return {line["url"]: bare(line["body"]) for line in wanted}


def bare(text: str) -> str:
    """A text without white space: where a reader breaks lines is its own matter."""
    return "".join(text.split())


def lines(path: Path) -> list[dict[str, Any]]:
    """A JSONL file."""
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
