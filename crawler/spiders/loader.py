"""Shows every portal file as a spider, so that `scrapy list` and `scrapy crawl <portal>` work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.config import find_config
from crawler.portals import load_portals
from crawler.spiders.portal import PortalSpider

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings


class PortalSpiderLoader:
    """Scrapy's spider loader over the built-in portal files and `portals/` beside the configuration."""

    def __init__(self) -> None:
        config = find_config(Path.cwd())
        beside = (config.parent if config else Path.cwd()) / "portals"
        self._registry = load_portals(*([beside] if beside.is_dir() else []))

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> PortalSpiderLoader:
        """Build as Scrapy does; no setting matters."""
        del settings
        return cls()

    def list(self) -> list[str]:
        """Every portal's id."""
        return sorted(self._registry.portals)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a portal.

        Raises:
            KeyError: there is no such portal.

        """
        portal = self._registry.portals[spider_name]
        attributes: dict[str, Any] = {"name": portal.id, "portal": portal}
        return type(f"PortalSpider_{portal.id}", (PortalSpider,), attributes)

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """The portals whose hosts hold the request's address."""
        from urllib.parse import urlsplit  # noqa: PLC0415 - only `scrapy fetch` and `parse` come here

        host = urlsplit(request.url).hostname or ""
        return [portal.id for portal in self._registry.portals.values() if host in portal.hosts]
