from datetime import date

import pytest

from crawler.replica.models import Province
from crawler.replica.writing import documents
from crawler.replica.writing.author import Author
from crawler.replica.writing.grammar import Grammar
from crawler.replica.writing.topics_more import TOPICS

PROVINCE = Province(name="岚江省", short="岚", code="LJ", paper="岚江日报")
DAY = date(2026, 11, 20)
KINDS = ["news", "policy", "notice", "interpretation", "conference"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_number_is_the_same_post(kind: str) -> None:
    one, two = (Author(2).write(17, kind, DAY, PROVINCE) for _ in range(2))
    assert one == two
    assert one != Author(3).write(17, kind, DAY, PROVINCE)
    assert one.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_composed_posts_are_whole_and_differ(kind: str) -> None:
    posts = [Author(1).write(number, kind, DAY, PROVINCE) for number in range(400)]
    assert len({post.paragraphs for post in posts}) == 400
    assert len({post.title for post in posts}) > 200
    for post in posts:
        words = post.title + "".join(post.paragraphs)
        assert not {"{", "}"} & set(words)
        assert len(post.paragraphs) >= 3
        assert all(line == line.strip() and line for line in post.paragraphs)
        assert words.encode("gbk")


def test_two_news_share_less_than_half_of_their_five_grams() -> None:
    bodies = ["\n".join(Author(1).write(number, "news", DAY, PROVINCE).paragraphs) for number in range(250)]
    grams = [{body[at : at + 5] for at in range(len(body) - 4)} for body in bodies]
    most = max(
        len(one & two) / min(len(one), len(two)) for place, one in enumerate(grams) for two in grams[place + 1 :]
    )
    assert most < 0.6


def test_hand_written_posts_are_at_least_twelve_with_tables_files_and_a_headline_of_two_lines() -> None:
    posts = [post for kind in KINDS for post in Author(1).handwritten(kind)]
    assert len(posts) >= 12
    assert any("\n" in post.title for post in posts)
    assert any(post.attachments for post in posts)
    assert any("\t" in line for post in posts for line in post.paragraphs)
    assert sum(post.policy is not None for post in posts) >= 3


def test_a_revision_adds_one_paragraph() -> None:
    author = Author(1)
    post = author.write(3, "news", DAY, PROVINCE)
    revised = author.revise(post, 1)
    assert len(revised.paragraphs) == len(post.paragraphs) + 1
    assert set(post.paragraphs) < set(revised.paragraphs)
    assert author.revise(post, 1) == revised != author.revise(post, 2)


def test_every_slot_is_filled_by_something() -> None:
    import random

    for topic in TOPICS:
        slots = {**documents.SLOTS, **documents.VOICE_SLOTS, **topic.slots}
        grammar = Grammar(random.Random(1), slots, {"day": "", "city": "", "subject": ""})
        for sentence in (*topic.titles, *topic.leads, *topic.sentences):
            assert "{" not in grammar.fill(sentence)
    with pytest.raises(KeyError):
        Grammar(random.Random(1), {}, {}).fill("{nothing}")
