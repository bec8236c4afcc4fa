"""Addresses: absolute form, canonical form, key. Total functions: no input makes them raise."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

MAX_URL = 2000
"""Longer addresses are refused: real ones stay below 300, and servers commonly stop at 8 kB."""

_TRACKING = frozenset(
    (
        *(
            "spm",
            "scm",
            "from",
            "isappinstalled",
            "nsukey",
            "wxshare_count",
            "chksm",
            "scene",
            "share_token",
            "share_from",
        ),
        *("sharer_shareid", "sharer_sharetime", "from_source", "fbclid", "gclid", "yclid", "msclkid", "bd_vid", "hmsr"),
        *("hmpl", "hmcu", "hmkw", "hmci", "jsessionid"),
    )
)
"""Parameters that counting scripts and sharing add: Aliyun's spm, WeChat's from and isappinstalled, Baidu's hm*, …"""
_FILES = frozenset(
    (
        *("pdf", "doc", "docx", "docm", "dot", "xls", "xlsx", "xlsm", "csv", "ppt", "pptx", "pps", "wps", "et", "dps"),
        *(
            "ofd",
            "ceb",
            "caj",
            "rtf",
            "txt",
            "odt",
            "ods",
            "epub",
            "zip",
            "rar",
            "7z",
            "gz",
            "tgz",
            "tar",
            "apk",
            "exe",
        ),
        *("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "svg", "mp3", "mp4", "m4a", "m4v", "wav", "wma"),
        *("wmv", "avi", "flv", "mov", "rm", "rmvb", "mpg", "mpeg", "swf"),
    )
)
_DOWNLOAD = re.compile(r"[?&](?:file_?name|fileurl|file|path)=[^&]{0,400}\.([a-z0-9]{2,4})(?:&|$)", re.IGNORECASE)
_TWIN = re.compile(r"(?:_(?:slb|gzk|senior|wap))+(?=\.[a-z]{2,6}$)", re.IGNORECASE)
"""Twins of one article: `_slb` and `_gzk` (Shanxi), `_senior` (large print), `_wap` (mobile)."""
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_SPACE = re.compile(r"[\x00-\x20\x7f\u00a0\u3000\u200b\ufeff]+")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_SAFE = "/%:@!$&'()*+,;=~-._?"
_PORTS = {"http": 80, "https": 443}
_PLAIN_HOST = re.compile(r"https?://([a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)(?::[1-5]?\d{1,4})?(?=[/?#]|$)", re.ASCII)
"""The host of an address as nearly all of them are written; all others are taken apart in full."""


def _split(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) address with a usable host, else None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # both raise on malformed authorities
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or "%" in host or _SPACE.search(host):
        return None
    return parts


def join(base: str, href: str | None) -> str | None:
    """The absolute http(s) address that a link means, or None where it leads to no page.

    None for `javascript:`, `mailto:`, `data:`, a fragment of the same page, malformed or overlong links, and for a
    relative link without a usable base.
    """
    if not href or len(href) > MAX_URL:
        return None
    link = href.strip(" \t\r\n\x0b\x0c\x00\u00a0\u3000\u200b\ufeff").replace("\\", "/")
    if "\n" in link or "\r" in link or "\t" in link:
        link = link.translate({9: None, 10: None, 13: None})  # browsers drop these inside a link
    if not link or link[0] == "#":
        return None
    try:
        joined = urljoin(base, link)
    except ValueError:
        return None
    joined = _SPACE.sub("%20", joined)
    parts = _split(joined)
    if parts is None or len(joined) > MAX_URL:
        return None
    if "@" in parts.netloc:
        joined = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return joined


def _upper_escape(match: re.Match[str]) -> str:
    return match[0].upper()


def _encoded(text: str) -> str:
    return _ESCAPE.sub(_upper_escape, quote(text, safe=_SAFE, errors="replace"))


def _authority(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        name = f"[{name}]"
    port = parts.port
    return name if port is None or port == _PORTS[parts.scheme] else f"{name}:{port}"


def _clean_query(query: str) -> str:
    kept = []
    for pair in query.split("&"):
        name = pair.partition("=")[0].lower()
        if pair and name not in _TRACKING and not name.startswith("utm_"):
            kept.append(pair)
    return _encoded("&".join(kept))


@lru_cache(maxsize=4096)  # an article asks half a dozen times for the same address
def canonical_url(url: str) -> str:
    """One address for all the ways of writing it; what is no http(s) address comes back trimmed.

    Host in lower case, no default port, user, fragment, session or tracking parameters, dot segments resolved, escapes
    in upper case, and twin suffixes (`_slb`, `_gzk`, `_senior`, `_wap`) stripped before the extension. `index.html` is
    kept.
    """
    url = url.strip()
    parts = _split(url)
    if parts is None:
        return url
    path = parts.path or "/"
    if "/." in path:
        path = urljoin("http://h/", path.lstrip("/")).removeprefix("http://h")
    if ";" in path:
        path = _SESSION.sub("", path)
    path = _TWIN.sub("", _encoded(path))
    if path.startswith("//"):
        path = "/" + path.lstrip("/")  # else it would read as a host once the scheme is left out
    query = _clean_query(parts.query) if parts.query else ""
    return urlunsplit((parts.scheme, _authority(parts), path or "/", query, ""))


def url_key(url: str) -> bytes:
    """16 bytes that stand for an address: BLAKE2b of its canonical form without the scheme, so that http is https."""
    _, _, rest = canonical_url(url).partition("://")
    return blake2b((rest or url).encode("utf-8", "replace"), digest_size=16).digest()


def is_file(url: str) -> bool:
    """Whether an address names a file to download (PDF, Office, WPS, OFD, archive, picture, film) and not a page."""
    if "?" not in url and "#" not in url and url.rpartition(".")[2].lower() not in _FILES:
        return False
    parts = _split(url)
    if parts is None:
        return False
    stem, dot, extension = parts.path.rpartition(".")
    if dot and stem and extension.lower() in _FILES:
        return True
    match = _DOWNLOAD.search("?" + parts.query[:MAX_URL]) if parts.query else None
    return match is not None and match[1].lower() in _FILES


def host(url: str) -> str:
    """The host of an address in lower case, without port; empty where there is none."""
    if (plain := _PLAIN_HOST.match(url)) is not None:
        return plain[1]
    parts = _split(url)
    return (parts.hostname or "").rstrip(".") if parts else ""
