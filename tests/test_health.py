import random
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import health
from crawler.health import (
    PATIENCE,
    Assessment,
    History,
    Judgement,
    Silence,
    Trouble,
    advice,
    assess,
    judge,
    longest_gap,
)
from crawler.store import FaultScope, Run

STEP = 300.0


def run(at: float, reason: str | None = None, error: str | None = None, **fields: Any) -> Run:
    said = error if error is not None else (None if reason is None else f"http://a.example/: {reason}")
    values = {"kind": "poll", "entries": 0, "pages": 1, **fields}
    return Run(section_id=1, started_at=at, finished_at=at + 1.0, error=said, verdict=reason, **values)


def runs(*reasons: str | None) -> list[Run]:
    """Runs five minutes apart, given oldest first; newest first as the rules take them."""
    return [run(STEP * place, reason) for place, reason in enumerate(reasons)][::-1]


def seen(*reasons: str | None, **fields: Any) -> Assessment:
    return assess(History(runs(*reasons), **fields))


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("blocked", "blocked"),
        ("http-404", "moved"),
        ("http-410", "moved"),
        ("moved", "moved"),
        ("certificate", "certificate"),
        ("tls", "certificate"),
        ("no-entries", "broken"),
        ("unsure", "broken"),
        ("unreadable", "broken"),
        ("robots", "forbidden"),
        ("timeout", "unreachable"),
        ("dns", "unreachable"),
        ("connection", "unreachable"),
        ("http-503", "unreachable"),
        ("retry-after", "unreachable"),
        ("truncated", "unreachable"),
    ],
)
def test_what_a_run_could_not_do_is_a_verdict(reason: str, verdict: str) -> None:
    found = seen(None, reason, reason, reason)
    assert (found.verdict, found.confirmed, found.since) == (verdict, True, STEP)
    assert reason in found.reason
    assert advice(found.verdict, "shanxi/news").startswith("portalwatch ")


@pytest.mark.parametrize(
    ("word", "verdict"),
    [("challenge-ruishu", "blocked"), ("captcha", "blocked"), ("soft-404", "moved"), ("error-page", "unreachable")],
)
def test_a_page_that_says_what_it_is_tells_a_block_from_a_missing_page(word: str, verdict: str) -> None:
    page = run(0.0, "blocked", f"http://a.example/: blocked ({word})")
    assert assess(History([page])).verdict == verdict


@pytest.mark.parametrize(
    ("why", "verdict", "network"),
    [
        ("", "unreachable", False),
        (": connection", "unreachable", True),
        (": dns", "unreachable", True),
        (": certificate", "certificate", False),
    ],
)
def test_a_robots_txt_that_is_not_answered_is_no_wish_of_the_portal(why: str, verdict: str, *, network: bool) -> None:
    said = f"http://a.example/robots.txt cannot be read, which forbids everything (RFC 9309){why}"
    found = assess(History([run(1.0, "robots", said)]))
    assert (found.verdict, found.network) == (verdict, network)
    assert assess(History([run(0.0, "robots", "http://a.example/robots.txt forbids http://a.example/x")])).verdict == (
        "forbidden"
    )


def test_one_failure_is_not_told_and_what_passes_by_itself_needs_more_of_them() -> None:
    assert not seen(None, "http-404").confirmed
    assert seen(None, "http-404", "http-404").confirmed
    assert not seen(None, "timeout", "http-503").confirmed
    assert seen(None, "timeout", "http-503", "timeout").confirmed


def test_a_section_is_well_after_two_good_runs() -> None:
    assert not seen("blocked", "blocked", None).well
    assert seen("blocked", "blocked", None, None).well
    assert seen().verdict == "unknown"


def test_failures_of_our_own_network_do_not_count() -> None:
    history = History(runs(None, "dns", "dns", "dns"))
    assert assess(history).confirmed
    assert assess(history, offline_until=10 * STEP).verdict == "healthy"
    assert assess(History(runs(None, "http-404", "http-404")), offline_until=10 * STEP).verdict == "moved"


def full(at: float, entries: int, title: float = 1.0, date: float = 1.0) -> Run:
    return run(at, entries=entries, fill={"title": title, "published_at": date})


@pytest.mark.parametrize(
    ("newest", "says"),
    [
        (full(9000.0, 6), "6 entries a page, where it used to show 20"),
        (full(9000.0, 20, date=0.1), "10% of the entries have published_at, where 100% used to"),
        (full(9000.0, 20, title=0.0), "title"),
    ],
)
def test_a_list_that_reads_less_than_it_used_to_is_broken(newest: Run, says: str) -> None:
    reads = [newest, *[full(float(at), 20) for at in range(5)]]
    same = [run(9600.0, not_modified=1), newest, run(8000.0)]
    found = assess(History(same, reads))
    assert (found.verdict, found.since, found.confirmed) == ("broken", 9000.0, True)
    assert says in found.reason
    assert not assess(History(same[1:], reads)).confirmed, "one look is not enough"


def test_a_list_of_several_pages_or_a_short_one_is_not_broken() -> None:
    reads = [full(9000.0, 18), *[run(float(at), entries=60, pages=3) for at in range(5)]]
    assert assess(History(runs(None, None), reads)).verdict == "healthy"
    reads = [full(9000.0, 1), *[full(float(at), 3) for at in range(5)]]
    assert assess(History(runs(None, None), reads)).verdict == "healthy"
    reads = [full(9000.0, 1), full(1.0, 20), full(2.0, 20)]
    assert assess(History(runs(None, None), reads)).verdict == "healthy", "too little is known of it"


def test_silence_is_told_where_the_rhythm_is_known() -> None:
    assert seen(None, None, silence=Silence(9.0, 5.0, 77.0)) == Assessment(
        "silent",
        "no new entry for 9 working days, where its rhythm allows 5",
        77.0,
        2,
        moment=STEP + 1,
    )
    assert seen(None, None, silence=Silence(9.0, None, 77.0)).verdict == "healthy"
    assert seen(None, None, silence=Silence(4.0, 5.0, 77.0)).verdict == "healthy"
    assert seen(None, "blocked", silence=Silence(9.0, 5.0, 77.0)).verdict == "blocked"


def test_the_reason_of_a_silence_says_what_was_compared_and_what_a_weekend_counts_for() -> None:
    assert seen(None, None, silence=Silence(1009.0, 8.74, 77.0)).reason == (
        "no new entry for 1009 working days, where its rhythm allows 8.7"
    )
    assert seen(None, None, silence=Silence(2.7, 1.6, 77.0, weekend=0.85)).reason == (
        "no new entry for 2.7 working days, where its rhythm allows 1.6 (a day of a weekend counts as 0.8)"
    )


# The longest gap.


def on_weekdays(gaps: list[float]) -> list[int]:
    """How many calendar days such gaps take of a section that posts on working days."""
    return [max(1, round(gap * 7 / 5)) for gap in gaps]


def allowed_by(gaps: list[float]) -> float:
    found = longest_gap(gaps, on_weekdays(gaps))
    assert found is not None
    return found


def test_a_rhythm_is_not_known_from_few_gaps_or_under_25_posting_days_a_year() -> None:
    assert longest_gap([], []) is None
    assert longest_gap([1.0] * 14, [1] * 14) is None
    assert longest_gap([10.5] * 24, [15] * 24) is None, "24 a year"
    assert longest_gap([10.0] * 24, [14] * 24) is not None, "26 a year"
    assert longest_gap([1.0] * 15, [1] * 15) is not None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gaps_by_chance_alone_alarm_less_than_once_in_five_years(seed: int) -> None:
    """Posting days at random, one working day in four: about 60 gaps a year."""
    chance = random.Random(seed)
    gaps = [chance.expovariate(1 / 4.0) + 0.5 for _ in range(6000)]
    alarms = sum(gaps[place] > allowed_by(gaps[place - 120 : place]) for place in range(120, len(gaps)))
    assert alarms / (len(gaps) / 60) < 0.2


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 60)), min_size=15, max_size=120))
def test_a_stop_is_told_within_three_times_the_gap_that_one_in_twenty_exceeds(drawn: list[tuple[float, int]]) -> None:
    """Whatever the gaps, in calendar days of their mean density of working days: unless that is less than a day."""
    spans = [span for _, span in drawn]
    gaps = [share * span for share, span in drawn]
    allowed = longest_gap(gaps, spans)
    if allowed is None:
        assert 365 * len(gaps) < health.LEAST_A_YEAR * sum(spans)
        return
    exceeded = sorted(spans)[int(0.95 * len(spans))]
    density = sum(gaps) / sum(spans)
    assert allowed == health.LEAST_ALLOWED or allowed + density <= 3 * exceeded * density + 1e-9


@given(st.lists(st.integers(1, 12), min_size=15, max_size=120))
def test_a_rhythm_allows_more_than_is_usual(gaps: list[int]) -> None:
    counted = [float(gap) for gap in gaps]
    assert allowed_by(counted) > statistics.median(counted)


def test_a_steady_section_is_missed_sooner_than_a_fitful_one() -> None:
    assert allowed_by([5.0] * 100) < allowed_by([1.0] * 80 + [21.0] * 20) < 60


def test_a_column_filled_on_every_working_day_is_missed_after_a_week() -> None:
    found = longest_gap([1.0] * 100, [1, 1, 1, 1, 3] * 20)
    assert found is not None
    assert 3 < found < 6


def test_one_lost_year_does_not_make_a_section_patient() -> None:
    usual = [1.0, 2.0, 3.0, 4.0, 6.0] * 20
    assert allowed_by([*usual[:50], 190.0, *usual[50:]]) < 1.1 * allowed_by(usual)


def test_a_section_that_has_become_slower_is_given_more_time() -> None:
    usual = [1.0, 2.0, 1.0, 3.0, 8.0] * 20
    assert allowed_by([*usual, 6.0, 7.0, 5.0, 6.0, 7.0]) > 1.1 * allowed_by(usual)
    assert allowed_by([6.0, 7.0, 5.0, 6.0, 7.0, *usual]) < 1.05 * allowed_by(usual), "long ago"


# Whose trouble it is.

GOOD = (None,) * 6


def section(*reasons: str | None, from_: float = 0.0) -> Assessment:
    return assess(History([run(from_ + STEP * place, reason) for place, reason in enumerate(reasons)][::-1]))


def told(sections: dict[str, Assessment], known: Judgement | None = None, now: float = 10_000.0) -> Judgement:
    return judge(sections, known.troubles if known is not None else {}, now)


def names(judgement: Judgement) -> set[tuple[FaultScope, str, str]]:
    return {(each.scope, each.name, each.verdict) for each in judgement.troubles.values()}


DOWN = (None, None, None, "timeout", "timeout", "timeout")


def test_a_section_alone_is_its_own_trouble() -> None:
    judgement = told({"a/one": section(*DOWN), "a/two": section(*GOOD), "b/x": section(*GOOD)})
    assert names(judgement) == {("section", "a/one", "unreachable")}


def test_all_sections_of_a_portal_fold_into_one() -> None:
    judgement = told({"a/one": section(*DOWN), "a/two": section(*DOWN), "b/x": section(*GOOD)})
    assert names(judgement) == {("portal", "a", "site down")}
    (trouble,) = judgement.troubles.values()
    assert trouble.sections == ("a/one", "a/two")
    assert trouble.since == 3 * STEP


def test_a_verdict_waits_for_the_siblings_and_asks_them() -> None:
    older = section(None, None, from_=-5000.0)
    found = {"a/one": section(*DOWN), "a/two": older, "b/x": section(*GOOD)}
    waiting = told(found, now=2000.0)
    assert not waiting.troubles
    assert waiting.ask == {"a/two"}
    late = told(found, now=3 * STEP + PATIENCE + 1)
    assert names(late) == {("section", "a/one", "unreachable")}


def test_one_portal_with_one_section_is_told_at_once() -> None:
    assert names(told({"a/one": section(None, "blocked", "blocked")})) == {("section", "a/one", "blocked")}


def test_a_silent_sibling_answers() -> None:
    silent = assess(History(runs(*GOOD), silence=Silence(30.0, 5.0, 1.0)))
    judgement = told({"a/one": section(*DOWN), "a/two": silent, "b/x": section(*GOOD)})
    assert names(judgement) == {("section", "a/one", "unreachable"), ("section", "a/two", "silent")}


def test_an_open_trouble_stays_until_the_section_is_well() -> None:
    first = told({"a/one": section(None, "blocked", "blocked"), "a/two": section(*GOOD)})
    again = told({"a/one": section(None, "blocked", "blocked", None), "a/two": section(*GOOD)}, first)
    assert again.troubles == first.troubles
    worse = told({"a/one": section("blocked", "http-404", "http-404"), "a/two": section(*GOOD)}, first)
    (trouble,) = worse.troubles.values()
    assert (trouble.verdict, trouble.since) == ("moved", first.troubles["section", "a/one"].since)
    over = told({"a/one": section("blocked", None, None), "a/two": section(*GOOD)}, first)
    assert not over.troubles


def test_a_portal_comes_back_as_a_whole() -> None:
    """The first section that answers does not make faults of the others, which have not been asked since."""
    first = told({"a/one": section(*DOWN), "a/two": section(*DOWN), "b/x": section(*GOOD)})
    back = section(*DOWN, None, None)
    waiting = told({"a/one": back, "a/two": section(*DOWN), "b/x": section(*GOOD)}, first, now=2400.0)
    assert names(waiting) == {("portal", "a", "site down")}
    assert waiting.ask == {"a/two"}
    over = told({"a/one": back, "a/two": section(*DOWN, None, None), "b/x": section(*GOOD)}, waiting)
    assert not over.troubles


def test_what_stays_wrong_after_a_portal_came_back_is_the_sections_own() -> None:
    first = told({"a/one": section(*DOWN), "a/two": section(*DOWN), "b/x": section(*GOOD)})
    left = told(
        {"a/one": section(*DOWN, None, None), "a/two": section(*DOWN, "timeout", "timeout"), "b/x": section(*GOOD)},
        first,
    )
    assert names(left) == {("section", "a/two", "unreachable")}


def test_nobody_answering_is_our_own_network_and_nothing_else_is_told() -> None:
    lost = section(None, None, "dns", "dns", "dns")
    judgement = told({"a/one": lost, "a/two": lost, "b/x": lost, "c/y": lost})
    assert names(judgement) == {("watch", "", "offline")}


def test_before_that_is_said_other_portals_are_asked() -> None:
    lost, older = section(None, "timeout"), section(None, from_=-900.0)
    judgement = told({"a/one": lost, "b/x": older, "c/y": older, "d/z": older})
    assert not judgement.troubles
    assert judgement.ask == {"b/x", "c/y"}


def test_any_answer_is_the_end_of_it_and_what_was_wrong_before_stays() -> None:
    before = told({"a/one": section(None, "blocked", "blocked"), "b/x": section(*GOOD), "c/y": section(*GOOD)})
    lost = section(None, None, "dns", "dns", from_=5000.0)
    offline = told({"a/one": lost, "b/x": lost, "c/y": lost}, before)
    assert names(offline) == {("section", "a/one", "blocked"), ("watch", "", "offline")}
    refused = section(None, None, "dns", "dns", "http-503", from_=5000.0)
    assert ("watch", "") not in told({"a/one": lost, "b/x": refused, "c/y": lost}, offline).troubles


def test_a_portal_known_to_be_down_says_nothing_about_our_network() -> None:
    known: dict[tuple[FaultScope, str], Trouble] = {}
    known["portal", "a"] = Trouble("portal", "a", "site down", "no answer", 1.0, ("a/one",))
    found = judge({"a/one": section(*DOWN), "b/x": section(*DOWN)}, known, 10_000.0)
    assert ("watch", "") not in found.troubles


def test_a_single_portal_never_makes_us_offline() -> None:
    assert names(told({"a/one": section(*DOWN), "a/two": section(*DOWN)})) == {("portal", "a", "site down")}


def test_every_verdict_has_its_next_command() -> None:
    for verdict in [*health.CONFIRM, "healthy", "unknown", "silent", "site down", "offline", "paused"]:
        assert advice(verdict, "shanxi").startswith("portalwatch ")
