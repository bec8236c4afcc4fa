from crawler.restore.ngrams import behind
from crawler.restore.walk import Seen, Walk, form_of, forms_of, with_own


def walk_behind(text: str, seen: Seen) -> Walk:
    return Walk(0, seen, text)


def test_forms_are_simplified_and_normal() -> None:
    assert forms_of("經濟,2025年Ａb") == "经济，0000年aa"
    assert form_of("") == ""


def test_a_character_costs_what_it_costs_behind_three_others() -> None:
    walk = walk_behind("推動經", Seen(""))
    assert walk.put("濟", 1, None).price == behind("推动经", "济")
    assert walk.put("濟", 1, None, 2.5).price == behind("推动经", "济") + 2.5


def test_a_stretch_is_put_as_its_characters_are() -> None:
    one_by_one = walk_behind("推動", Seen(""))
    for char in "經濟發展":
        one_by_one = one_by_one.put(char, 0, None)
    whole = walk_behind("推動", Seen("")).put("經濟發展", 0, None)
    assert (whole.price, whole.tail, whole.raw) == (one_by_one.price, one_by_one.tail, one_by_one.raw)


def test_a_walk_is_never_changed() -> None:
    walk = walk_behind("經濟", Seen("")).tear(9, 0x86, 1.0)
    before = (walk.price, walk.pos, walk.written, walk.removed)
    walk.put("發", 10, None)
    walk.skip(12)
    walk.dearer(3.0)
    assert (walk.price, walk.pos, walk.written, walk.removed) == before


def test_a_reading_behind_a_mended_run_is_no_text() -> None:
    walk = walk_behind("經濟", Seen("")).tear(5, 0xB0, 0.0).put("發", 6, None)
    assert walk.skip(10).settled - walk.settled == 4


def test_what_the_text_said_behind_two_characters_is_counted() -> None:
    seen = Seen("示範應用推廣，示範應當，示範引領")
    times, said = seen.after("示範")
    assert times == 3
    assert said["應"] == 2
    assert said["應用"] == said["引領"] == 1
    assert seen.after("用推")[1] == {"廣": 1, "廣，": 1}
    assert seen.after("範")[0] == 0


def test_what_was_said_is_cheaper_and_nothing_gets_dearer() -> None:
    assert with_own(9.0, 2, 3) < with_own(9.0, 1, 3) < 9.0
    assert with_own(0.1, 1, 50) == 0.1


def test_runs_of_three_that_touch_a_span() -> None:
    seen = Seen("能力成熟度評價")
    assert seen.has("力成熟度評", 3, 4) == 2
    assert seen.has("力成熟而評", 3, 4) == 0
    assert seen.has("力成熟度評", 2, 4) == 3
    assert seen.has("度", 0, 1) == 0
