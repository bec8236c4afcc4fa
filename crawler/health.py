"""What the records of past runs say about a section, a portal and our own network. Pure: no request, store or clock.

A verdict rests on the newest runs of a section; whether it is the section's, its whole portal's, or our own network's
trouble is told by the runs of its siblings and of the other portals since the trouble began.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crawler.store import FaultScope, Run

Verdict = Literal[
    "healthy",
    "unknown",
    "silent",
    "blocked",
    "moved",
    "broken",
    "unreachable",
    "site down",
    "certificate",
    "forbidden",
    "offline",
]

CONFIRM: Mapping[str, int] = {"unreachable": 3, "broken": 2, "blocked": 2, "moved": 2, "certificate": 2, "forbidden": 2}
"""Runs in a row that must say the same before it is told: what passes by itself needs more of them."""
RECOVER = 2
"""Good runs in a row after which a trouble is over: a portal that answers every other time is not well yet."""
PATIENCE = 1800.0
"""Seconds that a verdict waits for the siblings' next runs; `watch` asks them at once, so it rarely does."""
USUAL_FROM = 3
"""Full reads of a list before it is known how long it usually is."""
SHRUNK = 0.5
"""A list that shows less than this share of its usual entries a page, or of its usual fields, is not read right."""
LEAST_ENTRIES = 5.0
"""Entries a page below which a list is too short to tell that it shrank."""

_NETWORK = frozenset({"dns", "connection", "timeout"})
_REASONS: Mapping[str, Verdict] = {
    "robots": "forbidden",
    "blocked": "blocked",
    "moved": "moved",
    "http-404": "moved",
    "http-410": "moved",
    "certificate": "certificate",
    "tls": "certificate",
    "no-entries": "broken",
    "unsure": "broken",
    "unreadable": "broken",
    "too-large": "broken",
    "address": "broken",
    "encoding": "broken",
}
_ROBOTS_UNREAD = re.compile(r"robots\.txt cannot be read[^:]{0,80}(?:: ([a-z-]{1,20}))?$")
"""A robots.txt that is not answered forbids everything, but it is the host that is in trouble."""
_BLOCK_WORD = re.compile(r"blocked \(([a-z0-9-]{1,40})\)")
_BLOCK_WORDS: Mapping[str, Verdict] = {"soft-404": "moved", "error-page": "unreachable"}

# Silence. Gaps between posting days are counted in working days. A section is silent after a multiple of the gap that
# only one in twenty of its gaps exceeds: its own measure of "long", beyond which chance alone rarely goes, be the gaps
# regular or in bursts. That gap is known in two ways, fitted and counted, and the shorter of two multiples holds. The
# constants were chosen on half of the sections and portals of benchmarks/rhythm and reported on the others; figures
# below are of all 63: sections with more than one false alarm a year, and the share of stops that is told within three
# times the section's own such gap.
LEAST_A_YEAR = 25.0
"""Posting days a year below which nobody can say."""
LEAST_GAPS = 15
"""Gaps from which a rhythm is known. From 10 on: 5 sections of 67."""
RARE = 0.05
"""Share of its gaps that are longer than the one a section is measured by."""
FITTED = 2.3
"""Multiple of the fitted gap: 2 sections and 93.2 %. With 2.15: 3 and 94.2 %; with 2.4: 2 and 91.6 %."""
COUNTED = 2.7
"""Multiple of the counted one, under the three that a stop should be told within, since what was counted is a part of
its life. With 2.6: 3 sections and 93.3 %; with 2.9: 2 and 91.7 %; without it: 1 and 87.3 %.
"""
LIMIT = 2.0
"""Gaps count up to this multiple of the one that one in ten exceeds: a move or a lost year says nothing of the rhythm.
Without it 92.5 %, and of the stops of sections that are cut to two years 92 % instead of 95 %.
"""
COMMON_SPREAD = 0.8
"""Squared coefficient of variation of the gaps of a section of which little is known: their median is 0.7 (quartiles
0.6 and 0.9). With 0.6 or 1.0: 2 sections, 93.6 or 91.9 %.
"""
SPREAD_WEIGHT = 20.0
"""Gaps that the common spread counts for. With 40 or 80: 2 sections and 92.4 %."""
RECENT = 5
"""Newest gaps that tell that a section has become slower, as most had that alarmed falsely. With 4 as with 5; with 6: 3
sections and 93.4 %.
"""
RECENT_WEIGHT = 0.8
"""Share of the mean of the newest gaps that the mean of all does not fall below. With 0.7: 3 sections and 94.3 %; with
0.9: 2 and 91.4 %; without it: 4 and 95.9 %, and half as many false alarms again.
"""
LEAST_GAP = 0.2
"""Working days that a gap counts for when no working day lay between, such as from Friday to Sunday."""
LEAST_ALLOWED = 1.0
"""Working days without a post that any rhythm allows."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a section has been without a new entry, and how long its rhythm allows, both in working days.

    `allowed` is None where the rhythm is not known well enough. `since` is the last new entry, UTC epoch seconds.
    `weekend` is what a day of a weekend counts for: 0 where nothing is posted then, 1 where as much is as on others.
    """

    gap: float
    allowed: float | None
    since: float
    weekend: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether it is longer than the rhythm allows."""
        return self.allowed is not None and self.gap > self.allowed


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one section: its newest runs, newest first, the newest full reads of its list, its silence."""

    runs: Sequence[Run] = ()
    reads: Sequence[Run] = ()
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A section by itself.

    `since` is when it began (UTC epoch seconds), `runs` how many runs in a row say so, `network` whether no answer came
    at all. `moment` is the end of the newest run that counts, None without one.
    """

    verdict: Verdict
    reason: str
    since: float | None = None
    runs: int = 0
    network: bool = False
    moment: float | None = None

    @property
    def bad(self) -> bool:
        """Whether something is wrong, confirmed or not."""
        return self.verdict not in {"healthy", "unknown"}

    @property
    def confirmed(self) -> bool:
        """Whether enough runs say so."""
        return self.bad and self.runs >= CONFIRM.get(self.verdict, 1)

    @property
    def fails(self) -> bool:
        """Whether its list is not read, or not in full; one that is silent is."""
        return self.bad and self.verdict != "silent"

    @property
    def well(self) -> bool:
        """Whether enough good runs say that nothing is wrong."""
        return self.verdict == "healthy" and self.runs >= RECOVER

    @property
    def answers(self) -> bool:
        """Whether enough good runs say that its list is read."""
        return self.verdict in {"healthy", "silent"} and self.runs >= RECOVER


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that should be open: of a section (`portal/section`), of a portal, or of the watch's network (empty)."""

    scope: FaultScope
    name: str
    verdict: Verdict
    reason: str
    since: float
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong now, by scope and name; and the sections whose next run would help to tell."""

    troubles: Mapping[tuple[FaultScope, str], Trouble] = field(default_factory=dict)
    ask: frozenset[str] = frozenset()


def longest_gap(gaps: Sequence[float], spans: Sequence[int]) -> float | None:
    """Working days without a post that a rhythm allows; None where it is not known well enough.

    The shorter of `FITTED` times the gap that one in twenty exceeds by a distribution with their mean and spread, and
    of `COUNTED` times the one that one in twenty did exceed, in calendar days, less the day that is not over yet.

    Args:
        gaps: past gaps between posting days in working days, oldest first.
        spans: the same gaps in calendar days.

    """
    days = sum(spans)
    if len(gaps) < LEAST_GAPS or 365 * len(gaps) < LEAST_A_YEAR * days:
        return None
    counted = COUNTED * _exceeded(spans, RARE) - 1.0
    allowed = min(FITTED * _fitted([max(gap, LEAST_GAP) for gap in gaps]), counted * sum(gaps) / days)
    return max(allowed, LEAST_ALLOWED)


def _exceeded(values: Sequence[float], share: float) -> float:
    """The value that this share of the values exceeds."""
    ordered = sorted(values)
    return ordered[min(int((1 - share) * len(ordered)), len(ordered) - 1)]


def _fitted(gaps: Sequence[float]) -> float:
    """The gap that one in twenty exceeds, by a distribution with the mean and the spread of the gaps.

    Gaps that vary more than chance alone would make them are waiting times whose rate itself varies (Lomax, for a
    squared coefficient of variation above 1; gamma below).
    """
    limit = LIMIT * _exceeded(gaps, 0.1)
    counted = [min(gap, limit) for gap in gaps]
    count, mean = len(counted), statistics.fmean(counted)
    spread = statistics.variance(counted) / mean**2
    spread = (count * spread + SPREAD_WEIGHT * COMMON_SPREAD) / (count + SPREAD_WEIGHT)
    mean = max(mean, RECENT_WEIGHT * statistics.fmean(gaps[-RECENT:]))
    if spread > 1.02:
        alpha = 2 * spread / (spread - 1)
        return float(mean * (alpha - 1) * (RARE ** (-1 / alpha) - 1))
    # Wilson and Hilferty's approximation of the gamma distribution's quantile.
    part = spread / 9
    z = statistics.NormalDist().inv_cdf(1 - RARE)
    return float(mean * max(1 - part + z * math.sqrt(part), 0.5) ** 3)


def assess(history: History, *, offline_until: float = 0.0) -> Assessment:
    """A section by its own runs; failures of the network up to `offline_until` (epoch seconds) were our own."""
    runs = [run for run in history.runs if not (_reason(run) in _NETWORK and run.started_at <= offline_until)]
    if not runs:
        return Assessment("unknown", "not polled yet")
    newest = runs[0]
    if newest.error is not None:
        row = _first(runs, lambda run: run.error is not None)
        same = _first(row, lambda run: _verdict(run) == _verdict(newest))
        return Assessment(
            _verdict(newest),
            newest.error,
            row[-1].started_at,
            len(row) if _verdict(newest) == "unreachable" else len(same),
            _reason(newest) in _NETWORK,
            newest.finished_at,
        )
    broken = _shrunk(history.reads)
    good = _first(runs, lambda run: run.error is None)
    if broken is not None:
        since = history.reads[0].started_at
        return Assessment(
            "broken",
            broken,
            since,
            sum(run.started_at >= since for run in good),
            moment=newest.finished_at,
        )
    silence = history.silence
    if silence is not None and silence.silent and len(good) >= RECOVER:
        gap, allowed = (f"{days:.1f}".removesuffix(".0") for days in (silence.gap, silence.allowed or 0.0))
        reason = f"no new entry for {gap} working days, where its rhythm allows {allowed}"
        if silence.weekend >= 0.05:
            reason += f" (a day of a weekend counts as {silence.weekend:.1f})"
        return Assessment("silent", reason, silence.since, len(good), moment=newest.finished_at)
    return Assessment("healthy", "", good[-1].started_at, len(good), moment=newest.finished_at)


def _first(runs: Sequence[Run], holds: Callable[[Run], bool]) -> list[Run]:
    found = []
    for run in runs:
        if not holds(run):
            break
        found.append(run)
    return found


def _reason(run: Run) -> str:
    """The word of a failed run; where robots.txt could not be read, why that was."""
    if run.verdict == "robots" and (unread := _ROBOTS_UNREAD.search(run.error or "")) is not None:
        return unread[1] or "robots-unread"
    return run.verdict or ""


def _verdict(run: Run) -> Verdict:
    reason = _reason(run)
    if reason == "blocked" and (word := _BLOCK_WORD.search(run.error or "")) is not None:
        return _BLOCK_WORDS.get(word[1], "blocked")
    return _REASONS.get(reason, "unreachable")


def _shrunk(reads: Sequence[Run]) -> str | None:
    """Why the newest full read of a list is not what it used to be, if it is not."""
    if len(reads) <= USUAL_FROM:
        return None
    newest, earlier = reads[0], reads[1:]
    now, usual = _per_page(newest), statistics.median(_per_page(run) for run in earlier)
    if usual >= LEAST_ENTRIES and now < SHRUNK * usual:
        return f"the list shows {now:.0f} entries a page, where it used to show {usual:.0f}"
    for name, share in newest.fill.items():
        before = [run.fill[name] for run in earlier if name in run.fill]
        if len(before) >= USUAL_FROM and share < SHRUNK * statistics.median(before):
            return f"{share:.0%} of the entries have {name}, where {statistics.median(before):.0%} used to"
    return None


def _per_page(run: Run) -> float:
    return run.entries / max(run.pages, 1)


def judge(sections: Mapping[str, Assessment], known: Mapping[tuple[FaultScope, str], Trouble], now: float) -> Judgement:
    """What is wrong, given every watched section's assessment and what was wrong until now.

    Args:
        sections: assessments by `portal/section`; paused ones are left out.
        known: the troubles that are open.
        now: UTC epoch seconds.

    """
    portals: dict[str, dict[str, Assessment]] = {}
    for name, assessment in sections.items():
        portals.setdefault(name.partition("/")[0], {})[name] = assessment
    offline, ask = _offline(portals, known)
    if offline is not None:
        # Nothing else can be told now: what was wrong stays as it was.
        return Judgement({**known, ("watch", ""): offline}, frozenset(ask))
    troubles: dict[tuple[FaultScope, str], Trouble] = {}
    for portal, members in portals.items():
        found, asked = _judge_portal(portal, members, known, now)
        troubles.update({(trouble.scope, trouble.name): trouble for trouble in found})
        ask |= asked
    return Judgement(troubles, frozenset(ask))


def _offline(
    portals: Mapping[str, Mapping[str, Assessment]], known: Mapping[tuple[FaultScope, str], Trouble]
) -> tuple[Trouble | None, set[str]]:
    """Our own network is down when nobody answers: no section of any portal that answered until now."""
    alive = {
        name: members
        for name, members in portals.items()
        if ("portal", name) not in known and any(each.moment is not None for each in members.values())
    }
    lost = [each for members in alive.values() for each in members.values() if each.network]
    if not lost or len(alive) < 2:
        return None, set()
    since = min(each.since for each in lost if each.since is not None)
    answered = any(
        not each.network and each.moment is not None and each.moment > since
        for members in portals.values()
        for each in members.values()
    )
    if answered:
        return None, set()
    silent = {name for name, members in alive.items() if any(each.network for each in members.values())}
    waiting = {next(iter(sorted(members))) for name, members in sorted(alive.items()) if name not in silent}
    needed = min(3, len(alive))
    already = known.get(("watch", ""))
    if already is None and len(silent) < needed:
        return None, set(sorted(waiting)[: needed - len(silent)])
    reason = f"no connection to any of {len(silent)} portals: the network of this machine is down"
    return Trouble("watch", "", "offline", reason, already.since if already is not None else since), set()


def _judge_portal(
    portal: str,
    members: Mapping[str, Assessment],
    known: Mapping[tuple[FaultScope, str], Trouble],
    now: float,
) -> tuple[list[Trouble], set[str]]:
    open_portal = known.get(("portal", portal))
    if open_portal is not None:
        return _judge_open(open_portal, members, known, now)
    found: list[Trouble] = []
    ask: set[str] = set()
    faulty = {name: each for name, each in members.items() if each.confirmed and each.fails}
    fresh = {name: each for name, each in faulty.items() if ("section", name) not in known}
    first = min((each.since for each in fresh.values() if each.since is not None), default=now)
    siblings = {name: each for name, each in members.items() if name not in faulty}
    asked = {name for name, each in siblings.items() if each.moment is None or each.moment <= first}
    doubtful = {name for name, each in siblings.items() if name not in asked and each.fails}
    well = set(siblings) - asked - doubtful
    if fresh and not well and (asked or doubtful) and now - first < PATIENCE:
        ask = asked | doubtful
        fresh = {}
    if len(fresh) >= 2 and not well and len(faulty) + len(doubtful) >= 2:
        found.append(_portal_trouble(portal, fresh, first))
        fresh = {}
    for name, each in members.items():
        open_one = known.get(("section", name))
        if open_one is not None:
            if not each.well:
                found.append(_still(open_one, each))
        elif name in fresh or (each.verdict == "silent" and each.confirmed):
            found.append(Trouble("section", name, each.verdict, each.reason, each.since or now, (name,)))
    return found, ask


def _judge_open(
    trouble: Trouble,
    members: Mapping[str, Assessment],
    known: Mapping[tuple[FaultScope, str], Trouble],
    now: float,
) -> tuple[list[Trouble], set[str]]:
    """A portal whose trouble is open: it ends as a whole, and what then is still wrong is a section's own."""
    found = [known["section", name] for name in members if ("section", name) in known and not members[name].well]
    healed = [each.since for each in members.values() if each.answers and each.since is not None]
    bad = {name: each for name, each in members.items() if each.fails}
    if not healed:
        verdicts = {name: each for name, each in bad.items() if each.confirmed}
        if verdicts:
            renewed = _portal_trouble(trouble.name, verdicts, trouble.since)
            sections = tuple(sorted({*trouble.sections, *verdicts}))
            trouble = Trouble("portal", trouble.name, renewed.verdict, renewed.reason, trouble.since, sections)
        return [*found, trouble], set(members) - set(bad)
    stale = {name for name, each in bad.items() if each.moment is None or each.moment <= min(healed)}
    if stale and now - min(healed) < PATIENCE:
        return [*found, trouble], stale
    left = [
        Trouble("section", name, each.verdict, each.reason, each.since or now, (name,))
        for name, each in bad.items()
        if each.confirmed and ("section", name) not in known
    ]
    return [*found, *left], set()


def _portal_trouble(portal: str, faulty: Mapping[str, Assessment], since: float) -> Trouble:
    verdict = Counter(each.verdict for each in faulty.values()).most_common(1)[0][0]
    reason = next(each.reason for each in faulty.values() if each.verdict == verdict)
    if verdict == "unreachable":
        verdict = "site down"
    return Trouble("portal", portal, verdict, reason, since, tuple(sorted(faulty)))


def _still(trouble: Trouble, assessment: Assessment) -> Trouble:
    """An open trouble by what is known now; while it may be ending it stays as it was."""
    if not assessment.confirmed:
        return trouble
    return Trouble("section", trouble.name, assessment.verdict, assessment.reason, trouble.since, trouble.sections)


def advice(verdict: str, name: str) -> str:
    """The next command to type after a verdict about a section or portal."""
    return {
        "healthy": f"portalwatch changes {name} --since 7d",
        "unknown": f"portalwatch check {name}",
        "silent": f"portalwatch check {name}",
        "blocked": f"portalwatch pause {name} --for 1d",
        "moved": f"portalwatch check {name}",
        "broken": f"portalwatch check {name} -v",
        "unreachable": f"portalwatch check {name}",
        "site down": f"portalwatch check {name}",
        "unreachable from here": f"portalwatch check {name}",
        "certificate": f"portalwatch check {name}",
        "forbidden": f"portalwatch pause {name}",
        "offline": "portalwatch check all",
        "paused": f"portalwatch resume {name}",
    }[verdict]
