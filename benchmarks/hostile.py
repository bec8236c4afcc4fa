"""Seconds of CPU and peak memory of the worst pages: broken, nested, huge; the bar is one second a page.

    python -m benchmarks.hostile [--most N] [--articles]

Every page of tests/listing/hostile.py is read in a process of its own that has read a small page of each kind before.
`--articles` reads them as articles instead of lists. Prints the N slowest, the N that took most memory, and ends with
status 1 where a page takes longer than a second.
"""

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.exceptions import PortalwatchError  # noqa: E402 (the root must be importable first)
from crawler.listing import read_list  # noqa: E402
from crawler.reading import read  # noqa: E402
from tests.listing.hostile import CORPUS  # noqa: E402

URL = "https://www.qingshi.gov.cn/zwgk/tzgg/index_2.shtml?page=2"
WARM = (
    b"<ul><li><a href=/a/123456.html>one article of the list</a>2026-01-01</ul>",
    b"<rss><item><link>http://a.cn/a</link><title>a</title></item></rss>",
    b'{"data":{"results":[{"url":"/a","title":"b"}]}}',
)
BAR = 1.0


def _resident(key: str) -> float:
    """Megabytes of this process, as Linux counts them."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith(key)).split()[1]) / 1024


def _once(body: bytes, *, as_article: bool) -> str:
    try:
        if as_article:
            return f"{len(read(body, URL).body or '')} characters"
        return f"{len(read_list(body, URL).entries)} entries"
    except PortalwatchError as error:
        return str(error)


def measure(job: tuple[str, bool]) -> tuple[str, float, float, int, str]:
    """Name, seconds, megabytes above what was there, bytes of the page, what came of it."""
    name, as_article = job
    body = CORPUS[name]()
    for page in WARM:
        _once(page, as_article=as_article)
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmRSS")
    started = time.process_time()
    found = _once(body, as_article=as_article)
    return name, time.process_time() - started, _resident("VmHWM") - before, len(body), found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=8)
    parser.add_argument("--articles", action="store_true")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:
        rows = pool.map(measure, [(name, options.articles) for name in CORPUS], chunksize=1)
    for title, ranked in (
        ("slowest", sorted(rows, key=lambda row: -row[1])),
        ("most memory", sorted(rows, key=lambda row: -row[2])),
    ):
        print(f"{title} of {len(rows)} pages")
        for name, seconds, memory, size, found in ranked[: options.most]:
            print(f"  {seconds:5.2f} s {memory:5.0f} MB  {name} ({size / 1e6:.1f} MB): {found[:60]}")
    worst = max(rows, key=lambda row: row[1])
    print(f"worst: {worst[1]:.2f} s ({worst[0]}), {max(row[2] for row in rows):.0f} MB; the bar is {BAR} s")
    return int(worst[1] > BAR)


if __name__ == "__main__":
    sys.exit(main())
