"""CPU an article of the whole way, against a bare Scrapy spider that fetches the same pages and keeps nothing.

    python -m benchmarks.crawl [--articles N] [--rounds N] [--cpu N]

Both sides are processes of their own, run in turn against one replica server; user and system time of all their
threads count, start-up included. Ours lists, fetches, reads, restores, deduplicates, stores (SQLite, synchronous=FULL),
writes and syncs JSONL. The peer is Scrapy with its default settings and LOG_LEVEL=WARNING, given the addresses that
ours asked for: those of the articles and of the list's pages. Pages have the sizes of real article pages (mean about
85 kB), one in ten is polluted as on a mirror.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import crawler
from crawler.replica.process import ReplicaProcess

SECTION = "replica-trs/news"
BARE = """
import sys, scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        with open(sys.argv[1]) as addresses:
            for line in addresses:
                yield scrapy.Request(line.strip())
    def parse(self, response):
        self.crawler.stats.inc_value("pages")

process = CrawlerProcess({"LOG_LEVEL": "WARNING"})
crawler = process.create_crawler(Bare)
process.crawl(crawler)
process.start()
print(crawler.stats.get_value("pages"))
"""


def compile_package() -> None:
    """Leave our modules compiled, as pip does with every package that it installs, the peers' among them.

    A checkout whose environment says PYTHONDONTWRITEBYTECODE would be compiled anew by every process: 0.15 s of CPU.
    """
    compileall.compile_dir(Path(crawler.__file__).parent, quiet=2)


def confine(cpu: int | None) -> None:
    """Keep this process and those that it starts on one processor, on Linux.

    On a virtual machine a thread that wakes another one on an idle processor pays for the waking: measured, the same
    poll of a watch then costs 2.7 ms instead of 1.2. A peer with one thread never pays. On one processor the work
    alone is compared.
    """
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})


def cpu_seconds(command: list[str]) -> tuple[float, float, float, str]:
    """User plus system seconds of a command and its children, wall seconds, peak memory in MB, and what it printed."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        printed = child.stdout.read().decode() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024, printed


def main() -> None:
    """Run both sides in turn and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpu", type=int, help="keep all sides on this processor")
    options = parser.parse_args()
    confine(options.cpu)
    compile_package()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        arguments = ["--articles", f"trs/news={options.articles}", "--page-sizes", "real", "--polluted-share", "0.1"]
        with ReplicaProcess(*arguments, "--portals-dir", str(folder / "portals")) as replica:
            compare(folder, replica, options.articles, options.rounds)


def compare(folder: Path, replica: ReplicaProcess, articles: int, rounds: int) -> None:
    """Print a line a round and the medians."""
    config = folder / "portalwatch.toml"
    config.write_text("[politeness]\ndelay = 0\nconcurrency = 8\n", "utf-8")
    pages = folder / "pages.txt"
    ours, bare, ratios = [], [], []
    for number in range(rounds + 1):
        data = folder / f"data{number}"
        command = [sys.executable, "-m", "crawler.cli.main", "crawl", SECTION, "--max-pages", "10000", "--json", "-q"]
        mine, wall, memory, printed = cpu_seconds([*command, "--config", str(config), "--data", str(data)])
        report = json.loads(printed)
        if not number:  # the peer asks for what we asked for: articles and the pages of the list
            asked = replica.get("/requests")["counts"]
            pages.write_text("\n".join(url for url in asked if not url.endswith("/robots.txt")), "utf-8")
        theirs, bare_wall, _, fetched = cpu_seconds([sys.executable, "-c", BARE, str(pages)])
        if report["new"] < articles or int(fetched) != report["requests"]:
            raise SystemExit(
                f"{report['new']} of {articles} articles stored; {report['requests']} pages came,"
                f" {fetched.strip()} to bare Scrapy"
            )
        if number:  # the first round warms the replica's caches
            ours.append(1000 * mine / articles)
            bare.append(1000 * theirs / articles)
            ratios.append(ours[-1] / bare[-1])
            print(
                f"round {number}: {ours[-1]:.2f} ms an article in {wall:.1f} s, {memory:.0f} MB;"
                f" bare {bare[-1]:.2f} ms in {bare_wall:.1f} s; ratio {ratios[-1]:.2f}"
            )
    print(
        f"CPU an article: {statistics.median(ours):.2f} ms, bare Scrapy {statistics.median(bare):.2f} ms,"
        f" ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) over {rounds} rounds of {articles}"
    )


if __name__ == "__main__":
    main()
