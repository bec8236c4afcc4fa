"""A loop that hangs ends its process with a message; one that runs does not."""

import subprocess
import sys

SCRIPT = """
import asyncio, re, sys, time
from crawler.config import Config
from crawler.watch.keeping import Keeping

async def nothing(): ...

async def main():
    settings = Config(watch={"hang_timeout": 0.3}).watch
    keeping = asyncio.create_task(
        Keeping(lambda: settings, time.time, nothing, nothing, guard=True, look_every=0.05).run()
    )
    await asyncio.sleep(0.6)
    print("still alive", flush=True)
    HANG
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    print("ended well", flush=True)

asyncio.run(main())
"""


def run(hang: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("HANG", hang)], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_loop_that_runs_is_left_alone() -> None:
    ended = run("pass")
    assert (ended.returncode, ended.stdout) == (0, "still alive\nended well\n")


def test_a_loop_that_hangs_ends_the_process_and_says_where() -> None:
    ended = run("time.sleep(3600)")
    assert (ended.returncode, ended.stdout) == (3, "still alive\n")
    assert ended.stderr.startswith("portalwatch: the loop has hung for 0 s; ended, to be started again")
    assert "in main" in ended.stderr


def test_so_does_one_that_hangs_with_the_interpreter_locked() -> None:
    ended = run('re.match("(a+)+$", "a" * 60 + "b")')
    assert ended.returncode not in {0, 3}
    assert "in main" in ended.stderr
