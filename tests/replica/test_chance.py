from crawler.replica.chance import draw


def test_shares_are_kept_and_turns_are_independent() -> None:
    hits = [[draw(1, f"/t{page}.shtml", turn) < 0.1 for turn in range(3)] for page in range(4000)]
    once = sum(row[0] for row in hits) / 4000
    twice = sum(row[0] and row[1] for row in hits) / 4000
    assert 0.08 < once < 0.12
    assert 0.005 < twice < 0.015


def test_the_same_name_draws_the_same() -> None:
    assert draw("a", 1) == draw("a", 1) != draw("a", 2)
