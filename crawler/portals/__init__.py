"""One TOML file a portal, and the loader that validates it."""

from crawler.portals.loader import load_portals, parse_portal
from crawler.portals.models import ArticleHints, Kind, ListHints, Politeness, Portal, Section
from crawler.portals.registry import Registry

__all__ = [
    "ArticleHints",
    "Kind",
    "ListHints",
    "Politeness",
    "Portal",
    "Registry",
    "Section",
    "load_portals",
    "parse_portal",
]
