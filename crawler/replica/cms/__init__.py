"""The content management systems that portals run on. A new one is one module and one line of `FAMILIES`."""

from __future__ import annotations

from typing import Final

from crawler.replica.cms.base import Cms, Target
from crawler.replica.cms.hanweb import Hanweb
from crawler.replica.cms.national import National
from crawler.replica.cms.trs import Trs

FAMILIES: Final[dict[str, type[Cms]]] = {"trs": Trs, "hanweb": Hanweb, "json": National}

__all__ = ["FAMILIES", "Cms", "Target"]
