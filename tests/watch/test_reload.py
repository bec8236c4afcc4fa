"""SIGHUP under a watch that runs: all of the configuration and the portal files, or nothing of it."""

import json
from pathlib import Path

from crawler.replica import ReceiverProcess, ReplicaProcess
from tests.watch.commanding import CHANNEL, Command

BASE = """
[politeness]
delay = 0
[revisit]
per_poll = 0
[watch]
every = 0.3
targets = [{targets}]
[output]
rotate = "{rotate}"
"""


def test_sections_rules_channels_and_output_are_read_again_and_a_mistake_leaves_all_as_it_was(tmp_path: Path) -> None:
    replica = ReplicaProcess("--articles", "hanweb/news=6,json/yaowen=8", "--portals-dir", str(tmp_path / "portals"))
    config = tmp_path / "portalwatch.toml"
    with replica, ReceiverProcess() as receiver:
        channel = CHANNEL.format(url=receiver.ready["url"])
        both = '"replica-json/yaowen", "汀原省/news"'

        def write(targets: str, rotate: str, more: str = "") -> None:
            config.write_text(BASE.format(targets=targets, rotate=rotate) + more, "utf-8")

        def told() -> list[str]:
            return [delivery["headers"]["webhook-id"] for delivery in receiver.deliveries()]

        write('"replica-json/yaowen"', "none")
        with Command(tmp_path) as watch:
            watch.out.until("replica-json/yaowen 8 new")

            write(both, "day", channel)
            watch.hang_up()
            watch.err.until("configuration read again: 2 sections")
            watch.out.until("replica-hanweb/news 6 new")
            replica.post("/publish", portal="hanweb", section="news")
            watch.out.until("replica-hanweb/news 1 new")

            for wrong, said in (
                ("[watch\n", "portalwatch.toml: is not TOML"),
                ('[watch]\ncron = "0 25 * * *"\n', "watch.cron"),
                ('[watch]\ntargets = ["no-such-portal"]\n', "no-such-portal"),
                (channel.replace('channels = ["desk"]', 'channels = ["other"]'), "unknown channel"),
                (channel.replace('name = "all"\n', 'name = "all"\ntargets = ["nowhere"]\n'), "nowhere"),
            ):
                config.write_text(wrong, "utf-8")
                watch.hang_up()
                assert said in watch.err.until("the configuration was not taken over: ")
            write(both, "day", channel)
            (tmp_path / "portals" / "broken.toml").write_text("id = 1", "utf-8")
            watch.hang_up()
            assert "broken.toml" in watch.err.until("the configuration was not taken over: ")
            replica.post("/publish", portal="json", section="yaowen")
            watch.out.until("replica-json/yaowen 1 new")

            (tmp_path / "portals" / "broken.toml").unlink()
            write('"replica-hanweb/news"', "day", channel)
            watch.hang_up()
            watch.err.until("configuration read again: 1 sections")
            replica.post("/publish", portal="json", section="yaowen")
            replica.post("/publish", portal="hanweb", section="news")
            assert "replica-json" not in watch.out.until("1 new")
            assert watch.end() == 0
        assert len(told()) == len(set(told())) == 3, "and none of the section that was left"
    files = sorted((tmp_path / "data").glob("articles*.jsonl"))
    assert len(files) == 2, "one without a date, one of the day"
    numbers = [json.loads(line)["seq"] for file in files[::-1] for line in file.read_bytes().splitlines()]
    assert numbers == list(range(1, 18))
