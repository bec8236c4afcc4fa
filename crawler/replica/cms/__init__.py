"""The content management systems that portals run on. A new one is one module and one line of `FAMILIES`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crawler.replica.cms.base import Cms, Target
from crawler.replica.cms.hanweb import Hanweb
from crawler.replica.cms.interface import Interface
from crawler.replica.cms.national import National
from crawler.replica.cms.trs import Trs

if TYPE_CHECKING:
    from crawler.replica.portal import Portal

FAMILIES: Final[dict[str, type[Cms]]] = {"trs": Trs, "hanweb": Hanweb, "json": National}


def cms_of(portal: Portal, name: str) -> Cms:
    """The software of a portal: one of `FAMILIES`, or an interface of `crawler.replica.families`."""
    return FAMILIES[name](portal) if name in FAMILIES else Interface(portal, name)


__all__ = ["FAMILIES", "Cms", "Interface", "Target", "cms_of"]
