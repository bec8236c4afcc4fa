from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.alerts import Deliverer, Outcome
from crawler.alerts.quiet import quiet_until
from crawler.alerts.rules import check_rules
from crawler.exceptions import ConfigError
from crawler.replica.receiver import Receiver
from crawler.store import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("now", "span", "until"),
    [
        ("2026-11-22T21:59", "22:00-07:00", None),
        ("2026-11-22T22:00", "22:00-07:00", "2026-11-23T07:00"),
        ("2026-11-22T23:59", "22:00-07:00", "2026-11-23T07:00"),
        ("2026-11-23T00:00", "22:00-07:00", "2026-11-23T07:00"),
        ("2026-11-23T06:59", "22:00-07:00", "2026-11-23T07:00"),
        ("2026-11-23T07:00", "22:00-07:00", None),
        ("2026-11-23T12:30", "12:00-13:00", "2026-11-23T13:00"),
        ("2026-11-23T13:00", "12:00-13:00", None),
        ("2026-11-23T11:59", "12:00-13:00", None),
        ("2026-12-31T23:00", "22:00-00:00", "2027-01-01T00:00"),
    ],
)
def test_quiet_hours_end_when_they_say(now: str, span: str, until: str | None) -> None:
    assert quiet_until(at(now), span, SHANGHAI) == (None if until is None else at(until))


def test_summer_time_does_not_shift_the_end() -> None:
    end = quiet_until(at("2026-03-28T23:00", BERLIN), "22:00-07:00", BERLIN)
    assert end == at("2026-03-29T07:00", BERLIN)
    assert end - at("2026-03-28T23:00", BERLIN) == 7 * 3600


@given(st.floats(0, 4e9), st.times(), st.times())
def test_what_is_quiet_ends_within_a_day_and_is_over_then(now: float, first: Any, last: Any) -> None:
    begin, end = f"{first:%H:%M}", f"{last:%H:%M}"
    if begin == end:
        return
    until = quiet_until(now, f"{begin}-{end}", SHANGHAI)
    other = quiet_until(now, f"{end}-{begin}", SHANGHAI)
    assert (until is None) is not (other is None)
    if until is not None:
        assert 0 < until - now <= 86_400
        assert quiet_until(until, f"{begin}-{end}", SHANGHAI) is None


@pytest.mark.parametrize("quiet", ["", "22-7", "22:00", "25:00-07:00", "07:00-07:00", "night"])
def test_hours_that_are_none_are_refused_with_their_rule(make: Any, quiet: str) -> None:
    with pytest.raises(ConfigError, match="rule 'all': quiet"):
        check_rules([make.rule(quiet=quiet)])


@pytest.mark.parametrize("zone", ["Asia/Taiyuan", "", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none_is_refused_with_its_rule(make: Any, zone: str) -> None:
    with pytest.raises(ConfigError, match="rule 'all': timezone"):
        check_rules([make.rule(timezone=zone)])


async def test_alerts_wait_for_the_end_of_quiet_hours_unless_another_rule_speaks(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    channels = [make.channel(receiver.url), make.channel(receiver.url, "phone")]
    rules = [
        make.rule("by-day", channels=("desk", "phone"), quiet="22:00-07:00"),
        make.rule("urgent", channels=("phone",), targets=("anhui",)),
    ]
    newsroom.now = clock.now = at("2026-11-22T23:00")
    await newsroom.publish(1)
    await newsroom.publish(1, portal="anhui", text="别的")
    async with Deliverer(store, make.config(*channels, rules=rules), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1)
        assert await deliverer.deliver_due() == Outcome()
        assert await store.deliveries.next_due_at() == at("2026-11-23T07:00")
        clock.now = at("2026-11-23T07:00")
        assert await deliverer.deliver_due() == Outcome(delivered=3)
