"""A watch in a time-lapse, as a process of its own that can be killed: `python -m tests.watch.lapse FOLDER AT SPEED`.

Its clock begins at AT (UTC epoch seconds) and runs SPEED times as fast as the machine's. It prints `tick AGE` about
once a minute of that clock, and `polled SECTION AGE` after each pass: AGE are the seconds of the clock since the start,
whatever it was set to. A line `jump SECONDS` on standard input sets it.
"""

import asyncio
import sys
import time
from pathlib import Path

from crawler.config import load_config
from crawler.portals import load_portals
from crawler.store.folder import DataFolder
from crawler.watch.process import open_process
from crawler.watch.schedule import Watcher

TICK = 60.0


class Clock:
    def __init__(self, at: float, speed: float) -> None:
        self._at, self._speed, self._since = at, speed, time.time()

    def __call__(self) -> float:
        return self._at + self.age()

    def age(self) -> float:
        return (time.time() - self._since) * self._speed

    def jump(self, seconds: float) -> None:
        self._at += seconds


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def listen(clock: Clock) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        clock.jump(float(line.split()[1]))


async def tell(clock: Clock, speed: float) -> None:
    while True:
        say(f"tick {clock.age():.0f}")
        await asyncio.sleep(TICK / speed)


async def main(folder: Path, at: float, speed: float) -> None:
    config = load_config(folder / "portalwatch.toml")
    registry = load_portals(folder / "portals")
    data = DataFolder(folder / "data")
    data.create()
    with data.hold("watch") as holder:
        assert holder is None
        async with open_process(data, config, registry, patient=True) as process:
            clock = Clock(at, speed)
            watcher = Watcher(
                process,
                registry.resolve_all(config.watch.targets),
                config.watch,
                on_report=lambda report: say(f"polled {report.name} {clock.age():.0f}"),
                clock=clock,
                speed=speed,
            )
            others = [asyncio.create_task(listen(clock)), asyncio.create_task(tell(clock, speed))]
            await watcher.run()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
