from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import Attachment, Policy, Record, RestorationSummary
from crawler.store.encode import (
    COMPARED,
    CONTENT,
    ENVELOPE,
    changed_fields,
    decode_content,
    encode_content,
    fingerprint,
    storable,
    to_json,
)

TEXT = st.text(max_size=30)
MAYBE = st.none() | TEXT
WILD = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)  # lone surrogates too
POLICIES = st.builds(Policy, index_number=MAYBE, topic=MAYBE, keywords=st.lists(TEXT, max_size=3).map(tuple))
ATTACHMENTS = st.builds(Attachment, url=TEXT, name=TEXT, size=st.none() | st.integers(0, 2**40), sha256=MAYBE)
RECORDS = st.builds(
    Record,
    seq=st.integers(0, 2**53),
    revision=st.integers(1, 99),
    sections=st.lists(TEXT, max_size=3).map(tuple),
    authors=st.lists(TEXT, max_size=3).map(tuple),
    breadcrumbs=st.lists(TEXT, max_size=3).map(tuple),
    policy=st.none() | POLICIES,
    attachments=st.lists(ATTACHMENTS, max_size=3).map(tuple),
    restoration=st.builds(RestorationSummary, script=st.sampled_from(["hans", "hant", "hant-machine"])),
    title=MAYBE,
    source=MAYBE,
    body=MAYBE,
    published_at=MAYBE,
    withdrawn_at=MAYBE,
    duplicate_of=MAYBE,
    **dict.fromkeys(("made_by", "id", "url", "canonical_url", "portal", "portal_name", "region", "kind"), TEXT),
    **dict.fromkeys(("first_seen_at", "fetched_at", "content_sha256"), TEXT),
)


def _envelope(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ENVELOPE}


@settings(max_examples=150)
@given(RECORDS)
def test_a_record_comes_back_from_content_and_envelope(record: Record) -> None:
    content = encode_content(record)
    assert decode_content(content, **_envelope(record)) == record
    assert not ENVELOPE & orjson.loads(content).keys()


def test_every_field_of_a_record_is_content_or_envelope() -> None:
    assert {field.name for field in fields(Record)} == ENVELOPE | set(CONTENT)


@settings(max_examples=150)
@given(RECORDS, RECORDS)
def test_the_fingerprint_tells_what_changed_fields_tells(one: Record, other: Record) -> None:
    mixed = replace(one, **{name: getattr(other, name) for name in ("body", "made_by", "breadcrumbs", "sections")})
    for after in (other, mixed, replace(one, restoration=other.restoration, url=other.url)):
        assert (fingerprint(one) == fingerprint(after)) == (changed_fields(one, after) == ())
    assert set(changed_fields(one, mixed)) <= {"body"}
    assert set(changed_fields(one, other)) <= set(COMPARED)


@settings(max_examples=150)
@given(WILD, st.none() | st.integers(0, 20))
def test_storable_text_fits_both_databases(text: str, limit: int | None) -> None:
    kept = storable(text, limit)
    assert "\x00" not in kept
    assert len(kept) <= len(text[:limit])
    kept.encode()
    assert storable(kept, limit) == kept
    if "\x00" not in text and text.isprintable():
        assert kept == text[:limit]


@settings(max_examples=150)
@given(st.recursive(WILD | st.integers(-(2**53), 2**53) | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_any_text_has_json(value: object) -> None:
    orjson.loads(to_json(value))


def test_lone_surrogates_anywhere_in_a_record_become_replacement_characters() -> None:
    bad, good = "a\ud800b", "a\N{REPLACEMENT CHARACTER}b"
    values: dict[str, Any] = dict.fromkeys(
        ("made_by", "id", "url", "canonical_url", "portal", "portal_name", "region", "kind", "title", "body"), bad
    )
    record = Record(
        **values,
        sections=(),
        first_seen_at="",
        fetched_at="",
        content_sha256="",
        authors=(bad,),
        policy=Policy(issuer=bad, keywords=(bad,)),
        attachments=(Attachment(url=bad, name=bad),),
    )
    back = decode_content(encode_content(record), sections=())
    assert {getattr(back, name) for name in values} == {good}
    assert back.authors == (good,)
    assert back.policy == Policy(issuer=good, keywords=(good,))
    assert back.attachments == (Attachment(url=good, name=good),)
    assert to_json({bad: [bad]}) == f'{{"{good}":["{good}"]}}'


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(TypeError):
        to_json({"a": object()})


def test_fields_of_a_newer_version_are_left_out() -> None:
    values = dict.fromkeys((field.name for field in fields(Record)), "x")
    values |= {"authors": [], "breadcrumbs": [], "policy": {"topic": "t", "level": 3}, "summary": "new"}  # type: ignore[dict-item]
    values |= {"attachments": [{"url": "u", "name": "n", "pages": 9}], "restoration": {"script": "hans", "more": 1}}  # type: ignore[dict-item]
    content = to_json({name: value for name, value in values.items() if name not in ENVELOPE})
    record = decode_content(content, sections=())
    assert record.policy == Policy(topic="t")
    assert record.attachments == (Attachment(url="u", name="n"),)
    assert record.restoration == RestorationSummary(script="hans")
