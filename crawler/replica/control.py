"""The control interface: JSON over HTTP on 127.0.0.1, for tests and benchmarks that run the replica as its own process.

| request | body or query | answer |
|---|---|---|
| `GET /portals` | | `[{id, base, sections: {id: list URL}, toml}]` |
| `POST /publish` | `portal`, `section`, optional `count`, and any option of `Portal.publish` | the ledger lines made |
| `POST /edit` | `article` (key or URL), optional `title`, `paragraphs`, `source`, `authors`, … | the ledger line |
| `POST /redress` | `article` | the ledger line |
| `POST /withdraw` | `article`, optional `how`, `delist` | the ledger line |
| `POST /switch` | optional `portal`, `section`, `path`; `switches`; `heal: true` turns all back first | `{}` |
| `GET /ledger` | optional `portal`, `section` | `{articles, events}` |
| `GET /requests` | optional `limit` (1000), `portal` | `{total, counts, statuses, peak, latest}` |
| `POST /requests/clear` | | `{}` |

A request that cannot be understood is answered with 400 and `{error}`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from crawler.replica import ledger, toml
from crawler.replica.models import Attachment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.replica.replica import Replica

_LATEST: Final = 1000
_MOST: Final = 10_000


def application(replica: Replica) -> web.Application:
    """The control interface of a replica."""
    app = web.Application(middlewares=[errors], client_max_size=16 << 20)
    desk = _Desk(replica)
    app.add_routes(
        [
            web.get("/portals", desk.portals),
            web.post("/publish", desk.publish),
            web.post("/edit", desk.edit),
            web.post("/redress", desk.redress),
            web.post("/withdraw", desk.withdraw),
            web.post("/switch", desk.switch),
            web.get("/ledger", desk.ledger),
            web.get("/requests", desk.requests),
            web.post("/requests/clear", desk.clear),
        ]
    )
    return app


@web.middleware
async def errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer 400 with the reason where a request cannot be understood."""
    try:
        return await handler(request)
    except (KeyError, TypeError, ValueError) as error:
        return web.json_response({"error": str(error.args[0] if error.args else error)}, status=400)


class _Desk:
    """The handlers."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    async def portals(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "id": portal.id,
                    "base": portal.base,
                    "sections": {name: portal.list_url(name) for name in portal.sections},
                    "toml": toml.portal_file(portal),
                }
                for portal in self._replica.portals
            ]
        )

    async def publish(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        portal = self._replica.portal(wanted.pop("portal"))
        section = wanted.pop("section")
        count = int(wanted.pop("count", 1))
        if not 1 <= count <= _MOST:
            raise ValueError(f"count is from 1 to {_MOST}, not {count}")
        options = _options(wanted)
        made = [portal.publish(section, **options) for _ in range(count)]
        return web.json_response([asdict(ledger.line(article)) for article in made])

    async def edit(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        article = self._replica.article(wanted.pop("article"))
        return web.json_response(asdict(ledger.line(article.edit(**_options(wanted)))))

    async def redress(self, request: web.Request) -> web.Response:
        article = self._replica.article((await _json(request))["article"])
        return web.json_response(asdict(ledger.line(article.redress())))

    async def withdraw(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        article = self._replica.article(wanted.pop("article"))
        return web.json_response(asdict(ledger.line(article.withdraw(**wanted))))

    async def switch(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        name = wanted.get("portal")
        for portal in self._replica.portals if name is None else (self._replica.portal(name),):
            if wanted.get("heal"):
                portal.heal()
            section = wanted.get("section")
            if section is not None:
                portal.section(section)
            portal.panel.set(wanted.get("switches", {}), section=section, path=wanted.get("path"))
        return web.json_response({})

    async def ledger(self, request: web.Request) -> web.Response:
        return web.json_response(
            self._replica.ledger.as_json(request.query.get("portal"), request.query.get("section"))
        )

    async def requests(self, request: web.Request) -> web.Response:
        log = self._replica.requests
        portal = request.query.get("portal")
        limit = int(request.query.get("limit", _LATEST))
        latest = (asdict(one) for one in reversed(log.latest) if portal is None or one.portal == portal)
        return web.json_response(
            {
                "total": log.counts.total(),
                "counts": dict(log.counts),
                "statuses": {str(status): count for status, count in log.statuses.items()},
                "peak": dict(log.peak),
                "latest": list(islice(latest, limit))[::-1],
            }
        )

    async def clear(self, _: web.Request) -> web.Response:
        self._replica.requests.clear()
        return web.json_response({})


async def _json(request: web.Request) -> dict[str, Any]:
    wanted = await request.json()
    if not isinstance(wanted, dict):
        raise TypeError("the body is a JSON object")
    return wanted


def _options(wanted: dict[str, Any]) -> dict[str, Any]:
    """The options as Python has them: dates from ISO 8601, attachments from names."""
    options = dict(wanted)
    for name in ("published_at", "meta_date"):
        if isinstance(options.get(name), str):
            text = options[name]
            options[name] = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    if "attachments" in options:
        options["attachments"] = tuple(Attachment(name=name) for name in options["attachments"])
    return options
