"""`python -m crawler.replica`: serve the replica until SIGINT or SIGTERM.

Prints one JSON line with the addresses when ready.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.replica.plans import PLANS, family_plans, many_plans
from crawler.replica.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.replica.portal import Plan


def _articles(text: str) -> int | dict[str, int]:
    """Read `200` or `trs/news=1000,json/yaowen=50`."""
    if text.isdigit():
        return int(text)
    return {name: int(count) for name, _, count in (part.partition("=") for part in text.split(","))}


def _sizes(text: str) -> str | tuple[int, ...]:
    """Read `small`, `real` or `20000,60000`."""
    return text if text in {"small", "real"} else tuple(int(size) for size in text.split(","))


def _plans(options: argparse.Namespace) -> Sequence[Plan]:
    """The portals to serve: the usual ones, or so many sections, or those of `igs,irs`, or of `all` families."""
    if options.sections is not None:
        return many_plans(options.sections, per_portal=options.per_portal, makes=options.makes.split(","))
    if options.families is None:
        return PLANS
    return family_plans(*([] if options.families == "all" else options.families.split(",")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crawler.replica", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of every portal; 0 for a free one")
    parser.add_argument("--control-port", type=int, default=0, help="port of the control interface on 127.0.0.1")
    parser.add_argument("--first-host", type=int, default=2, help="the first portal listens on 127.0.0.N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--articles", type=_articles, default=100, help="a number, or portal/section=N,portal/section=N"
    )
    parser.add_argument(
        "--today", type=date.fromisoformat, help="the day after the newest article; today in Beijing when absent"
    )
    parser.add_argument(
        "--page-sizes", type=_sizes, default="small", help="small, real, or sizes in bytes: 20000,60000"
    )
    parser.add_argument("--polluted-share", type=float, default=0.0, help="share of the articles shown as on a mirror")
    parser.add_argument("--oddities", action="store_true", help="add twins, copies, PDFs, links elsewhere and the like")
    parser.add_argument(
        "--switch", type=json.loads, default={}, help='switches of every portal, as JSON: {"fail_share": 0.02}'
    )
    parser.add_argument(
        "--families",
        metavar="NAMES",
        help="instead of the usual portals, one for each of these families of list interfaces: igs,irs or all",
    )
    parser.add_argument("--sections", type=int, help="instead of the usual portals, p0 and on with so many sections")
    parser.add_argument("--per-portal", type=int, default=10, help="see --sections")
    parser.add_argument("--makes", default="trs", help="of what make they are in turn: trs,hanweb,json")
    parser.add_argument("--portals-dir", type=Path, help="write the portals' files into this folder")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    replica = Replica(
        seed=options.seed,
        articles=options.articles,
        port=options.port,
        control_port=options.control_port,
        first_host=options.first_host,
        today=options.today,
        page_sizes=options.page_sizes,
        polluted_share=options.polluted_share,
        plans=_plans(options),
    )
    if options.oddities:
        replica.add_oddities()
    replica.switch(**options.switch)
    async with replica:
        if options.portals_dir is not None:
            replica.write_portals(options.portals_dir)
        ready = {
            "control": replica.control_url,
            "portals": {portal.id: portal.base for portal in replica.portals},
            "pid": os.getpid(),
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal."""
    asyncio.run(_serve(_parser().parse_args(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
