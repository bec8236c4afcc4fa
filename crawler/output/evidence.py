"""An evidence pack: a zip with what a portal answered about one article, and what was read from it, hash by hash.

Unpacked, `sha256sum -c SHA256SUMS` checks every file of it, and any reader of WARC 1.1 shows the answers.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from crawler import __version__
from crawler.exceptions import StorageError, UsageError
from crawler.output.difference import as_text
from crawler.reading.record import encode
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crawler.items import Record
    from crawler.store import Event, KeptPage, RawPage

MANIFEST = "SHA256SUMS"
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_REASONS = {200: "OK", 404: "Not Found", 410: "Gone"}
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers that speak of the bytes on the line; what is kept is the body without them."""
_README = """An evidence pack of portalwatch {version}, made {made}.

article     {id}
title       {title}
portal      {portal}
address     {url}

record.json       the article as known when this was made
revisions.jsonl   every revision, oldest first, one JSON record a line
events.jsonl      what became of it and when: published, revised, withdrawn, ...
diffs/N.txt       what revision N changed: [-removed-]{{+inserted+}}
responses.warc    what the portal answered, with its headers (WARC 1.1); content and transfer encodings are undone
times.json        each answer: when it came, its address, status, revision, and the SHA-256 of its body
{manifest}        SHA-256 of each file; to check them all: sha256sum -c {manifest}

Times are UTC as the clock of the machine had it that asked. An answer is kept when its bytes differ from those of the
answer before; a visit that found nothing new leaves none.
{lacks}"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one article."""

    record: Record
    revisions: Sequence[Record]
    history: Sequence[Event]
    pages: Sequence[KeptPage]


def write_evidence(path: Path, evidence: Evidence, read: Callable[[KeptPage], RawPage], now: float) -> list[str]:
    """Write an evidence pack; gives what could not be put into it, a line each. One answer at a time is in memory.

    Raises:
        UsageError: the file exists, or the extra is not installed.
        StorageError: the disk refused.

    """
    try:
        import warcio  # noqa: F401, PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise UsageError("--evidence needs an extra: pip install 'portalwatch[archive]'") from error
    try:
        with path.open("xb") as file:
            try:
                lacks = _write(file, evidence, read, now)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise UsageError(f"{path}: exists already and is left as it is: give another name") from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    return lacks


def _write(file: BinaryIO, evidence: Evidence, read: Callable[[KeptPage], RawPage], now: float) -> list[str]:
    sums: dict[str, str] = {}
    lacks: list[str] = []
    times: list[dict[str, Any]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:

        def put(name: str, data: bytes) -> None:
            pack.writestr(name, data)
            sums[name] = hashlib.sha256(data).hexdigest()

        put("record.json", orjson.dumps(evidence.record, option=_PRETTY))
        put("revisions.jsonl", b"".join(map(encode, evidence.revisions)))
        put("events.jsonl", b"".join(map(_event, evidence.history)))
        for before, after in zip(evidence.revisions, evidence.revisions[1:], strict=False):
            put(f"diffs/{after.revision}.txt", as_text(before, after).encode())
        with pack.open("responses.warc", "w", force_zip64=True) as stream:
            hashed = _Hashed(stream)
            _write_warc(hashed, _answers(evidence.pages, read, times, lacks), evidence.record, now)
        sums["responses.warc"] = hashed.sum.hexdigest()
        record = evidence.record
        put(
            "times.json",
            orjson.dumps(
                {
                    "made_at": rfc3339(now),
                    "first_seen_at": record.first_seen_at,
                    "withdrawn_at": record.withdrawn_at,
                    "answers": times,
                    "lacking": lacks,
                },
                option=_PRETTY,
            ),
        )
        put("README.txt", _readme(record, lacks, now).encode())
        pack.writestr(MANIFEST, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    return lacks


class _Hashed(io.RawIOBase):
    """Passes on what is written, and hashes it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._at = 0
        self.sum = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.sum.update(data)
        self._at += len(data)
        return int(self._stream.write(data))

    def tell(self) -> int:
        return self._at

    def writable(self) -> bool:
        return True


def _answers(
    pages: Sequence[KeptPage], read: Callable[[KeptPage], RawPage], times: list[dict[str, Any]], lacks: list[str]
) -> Iterator[tuple[KeptPage, RawPage]]:
    """The answers that are there; what is known of each goes into `times`, what is not there into `lacks`."""
    for kept in pages:
        said = {
            "reading": kept.reading,
            "part": kept.part,
            "revision": kept.revision or None,
            "at": rfc3339(kept.at),
            "url": kept.url,
            "status": kept.status,
        }
        try:
            answer = read(kept)
        except StorageError as error:
            lacks.append(f"the answer of {said['at']} from {kept.url}: {error}")
            times.append({**said, "size": None, "sha256": None})
            continue
        times.append({**said, "size": len(answer.body), "sha256": hashlib.sha256(answer.body).hexdigest()})
        yield kept, answer


def _write_warc(stream: _Hashed, answers: Iterator[tuple[KeptPage, RawPage]], record: Record, now: float) -> None:
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415 - an extra
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415

    writer = WARCWriter(stream, gzip=False, warc_version="WARC/1.1")
    info = {
        "software": f"portalwatch {__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": f"answers kept of article {record.id}, {record.url}",
    }
    first = writer.create_warcinfo_record("responses.warc", info)
    first.rec_headers.replace_header("WARC-Date", rfc3339(now))
    writer.write_record(first)
    for kept, answer in answers:
        reason = _REASONS.get(answer.status, "")
        headers = StatusAndHeaders(f"{answer.status} {reason}", _headers(answer), protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                kept.url,
                "response",
                payload=io.BytesIO(answer.body),
                length=len(answer.body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": rfc3339(kept.at)},
            )
        )


def _headers(answer: RawPage) -> list[tuple[str, str]]:
    """The header lines, those that fit the body as it is kept; of the others the name tells that they are as sent."""
    found = [("Content-Length", str(len(answer.body)))]
    for line in answer.head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            kept = f"X-Archive-Orig-{name}" if name.strip().lower() in _TRANSFER else name
            found.append((kept.strip(), value.strip()))
    return found


def _event(event: Event) -> bytes:
    data = {
        "seq": event.seq,
        "type": event.type,
        "at": rfc3339(event.at),
        "revision": event.record.revision,
        "changes": list(event.changes),
        "made_by": event.record.made_by,
        "content_sha256": event.record.content_sha256,
        "duplicate_of": event.record.duplicate_of,
    }
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def _readme(record: Record, lacks: Sequence[str], now: float) -> str:
    told = "".join(f"Not in it: {line}\n" for line in lacks)
    return _README.format(
        version=__version__,
        made=rfc3339(now),
        id=record.id,
        title=record.title or "(no title)",
        portal=f"{record.portal_name} ({record.portal})",
        url=record.url,
        manifest=MANIFEST,
        lacks=f"\n{told}" if told else "",
    )
