"""What a watch costs while nothing is new: CPU a poll against a trimmed Scrapy spider, and memory.

    python -m benchmarks.watch [--sections 200] [--polls 1000] [--memory 20000]

A replica serves the sections from a process of its own. `watch` runs as a user runs it and polls each section all the
time; the lists never change, so every poll is one conditional request that is answered with 304. The peer is a Scrapy
spider, trimmed to what such a request needs (no extension, no middleware), that asks for the same
addresses with the same validators. Both are asked in turn, and what counts is user and system time of the whole process
between two marks. Memory is that of a watch of 50 sections that have been polled, and again of the busy one after
1,000 polls and after `--memory` of them.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from benchmarks.crawl import compile_package, confine
from crawler.replica import ReplicaProcess

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PEER = """
import asyncio, sys, scrapy
from scrapy.crawler import CrawlerProcess

class Peer(scrapy.Spider):
    name = "peer"
    handle_httpstatus_list = [304]
    custom_settings = {
        "EXTENSIONS_BASE": {}, "SPIDER_MIDDLEWARES_BASE": {}, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR",
        "REMOTE_CONTROL_ENABLED": False, "DOWNLOADER_MIDDLEWARES_BASE": {}, "DOWNLOAD_DELAY": 0,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter", "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    }
    async def start(self):
        urls = open(sys.argv[1]).read().split()
        self.tags, self.left, self.done = {}, 0, asyncio.Event()
        for url in urls:
            response = await self.crawler.engine.download_async(scrapy.Request(url))
            self.tags[url] = response.headers["ETag"]
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            self.left = int(line)
            self.done.clear()
            for number in range(self.left):
                url = urls[number % len(urls)]
                yield scrapy.Request(url, headers={"If-None-Match": self.tags[url]})
            await self.done.wait()
            print("done", flush=True)

    def parse(self, response):
        assert response.status == 304
        self.left -= 1
        if self.left == 0:
            self.done.set()

process = CrawlerProcess({"LOG_LEVEL": "ERROR"})
process.crawl(Peer)
process.start()
"""
IMPORTS = {
    "python": "pass",
    "configuration and command": "import crawler.cli.main, crawler.cli.watch, crawler.config",
    "store": "import crawler.config, crawler.store, crawler.store.sqlite",
    "everything a watch imports": "import crawler.cli.watch, crawler.watch.process, crawler.watch.schedule,"
    " crawler.store.sqlite, crawler.store.sections, crawler.store.ledger, crawler.store.articles,"
    " crawler.spiders.portal, scrapy.squeues, scrapy.pqueues, uvloop",
}


def cpu(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid: int) -> float:
    """Resident memory in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * PAGE / 1e6


def line_of(stream: IO[bytes] | None) -> str:
    """The next line."""
    line = stream.readline() if stream is not None else b""
    if not line:
        raise SystemExit("a process ended early")
    return line.decode()


def watch(folder: Path, *options: str, every: str | None) -> subprocess.Popen[bytes]:
    """Start a watch of everything the replica serves."""
    (folder / "portalwatch.toml").write_text(
        "[politeness]\ndelay = 0\nrobots = false\n[revisit]\nages = []\n[watch]\ntargets = ["
        + ", ".join(f'"{path.stem}"' for path in sorted((folder / "portals").glob("p*.toml")))
        + "]\n"
        + (f"every = {every}\n" if every else ""),
        "utf-8",
    )
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "watch", "-v", *options], cwd=folder, stdout=subprocess.PIPE
    )


def polled(child: subprocess.Popen[bytes], count: int) -> None:
    """Wait for so many polls."""
    for _ in range(count):
        line_of(child.stdout)


def idle_memory(folder: Path, sections: int) -> float:
    """Resident memory of a watch, every section polled three times, in MB."""
    child = watch(folder, every="10")
    polled(child, 3 * sections)
    used = rss(child.pid)
    child.terminate()
    child.wait()
    return used


def busy(folder: Path, urls: list[str], polls: int, rounds: int, memory: int) -> None:
    """CPU a poll of both sides in turn, and the memory of a watch that goes on and on."""
    addresses = folder / "addresses.txt"
    addresses.write_text("\n".join(urls), "utf-8")
    peer = subprocess.Popen([sys.executable, "-c", PEER, str(addresses)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line_of(peer.stdout)
    child = watch(folder, "--data", str(folder / "busy"), every="0.1")
    polled(child, 2 * len(urls))  # first passes, and validators
    made, ours, theirs, ratios = 2 * len(urls), [], [], []
    after: dict[int, float] = {}
    for _ in range(rounds):
        before = cpu(child.pid)
        polled(child, polls)
        ours.append(1000 * (cpu(child.pid) - before) / polls)
        made += polls
        if not after and made >= min(1000, polls * rounds):
            after[made] = rss(child.pid)
        os.kill(child.pid, 19)  # SIGSTOP: the peer's turn
        before = cpu(peer.pid)
        if peer.stdin is None:
            raise SystemExit("the peer cannot be asked")
        peer.stdin.write(b"%d\n" % polls)
        peer.stdin.flush()
        line_of(peer.stdout)
        theirs.append(1000 * (cpu(peer.pid) - before) / polls)
        ratios.append(ours[-1] / theirs[-1])
        os.kill(child.pid, 18)  # SIGCONT
    print(
        f"CPU an idle poll: {statistics.median(ours):.2f} ms, trimmed Scrapy {statistics.median(theirs):.2f} ms,"
        f" ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); {len(urls)} sections,"
        f" {rounds} rounds of {polls}"
    )
    if peer.stdin is not None:
        peer.stdin.close()
    peer.wait()
    if memory > made:
        polled(child, memory - made)
        after[memory] = rss(child.pid)
    said = ", ".join(f"{used:.0f} MB after {count} polls" for count, used in after.items())
    values = list(after.values())
    print(f"memory of the busy one: {said}; ratio {values[-1] / values[0]:.2f}")
    child.terminate()
    child.wait()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", type=int, default=200)
    parser.add_argument("--polls", type=int, default=1000, help="polls a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=0, help="polls after which memory is looked at again")
    parser.add_argument("--articles", type=int, default=3, help="articles a section")
    parser.add_argument("--cpu", type=int, help="keep both sides on this processor")
    given = parser.parse_args()
    confine(given.cpu)
    compile_package()
    status = "import re; print(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    for name, code in IMPORTS.items():
        printed = subprocess.run([sys.executable, "-c", f"{code}\n{status}"], check=True, capture_output=True)
        found = re.search(rb"\d+", printed.stdout)
        print(f"imports, {name}: {int(found[0]) / 1000 if found else 0:.0f} MB")
    for sections in sorted({50, given.sections}):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            options = ["--sections", str(sections), "--articles", str(given.articles * sections), "--first-host", "20"]
            with ReplicaProcess(*options, "--portals-dir", str(folder / "portals")) as replica:
                if sections == 50:
                    print(f"memory of a watch of 50 sections: {idle_memory(folder, sections):.0f} MB")
                if sections == given.sections:
                    urls = [url for portal in replica.get("/portals") for url in portal["sections"].values()]
                    busy(folder, urls, given.polls, given.rounds, given.memory)


if __name__ == "__main__":
    main()
