"""Settings of the Scrapy half, shared by the resident crawler and `scrapy crawl`.

Transport, measured on 85 kB pages over loopback, CPU a page: Scrapy's defaults 2.15 ms, Twisted trimmed 1.44 ms,
asyncio and
aiohttp through the engine's `download_async` 0.58 ms. So no reactor is installed and aiohttp brings the pages.
"""

from __future__ import annotations

from typing import Any

from crawler import __version__

BOT_NAME = "portalwatch"
USER_AGENT = f"Mozilla/5.0 (compatible; portalwatch/{__version__}; contact not configured)"

SPIDER_LOADER_CLASS = "crawler.spiders.loader.PortalSpiderLoader"
SPIDER_MODULES = ["crawler.spiders"]

TWISTED_REACTOR_ENABLED = False
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "crawler.middlewares.PortalDownloadHandler",
    "https": "crawler.middlewares.PortalDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 20_000_000
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_DELAY = 2.0
DOWNLOAD_DELAY_JITTER = 0.0  # jitter only upward: PolitenessMiddleware adds it
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 16  # the connection pool's bound; the slots' own is set per host

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}

COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REFERER_ENABLED = False
ROBOTSTXT_OBEY = False  # PortalRobotsMiddleware does it by RFC 9309
HTTPCACHE_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
RETRY_TIMES = 2
RETRY_EXCEPTIONS = [  # the transport's own; the default would import Twisted's HTTP client (0.15 s) to name its errors
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
RETRY_HTTP_CODES = [429, 500, 502, 503, 504, 522, 524, 408]
REDIRECT_MAX_TIMES = 5

DOWNLOADER_MIDDLEWARES_BASE: dict[str, int | None] = {
    # Scrapy's own that are used. Those that are not have no line here: a name with None is imported all the same, and
    # the cookies' alone brings requests and urllib3, 3 MB and a tenth of a start's CPU.
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.middlewares.PortalRobotsMiddleware": 100,
    "crawler.middlewares.PolitenessMiddleware": 560,
    "crawler.middlewares.PortalCompressionMiddleware": 590,
    "crawler.middlewares.PortalRedirectMiddleware": 600,
}

ITEM_PIPELINES = {
    "crawler.pipelines.DuplicatesPipeline": 100,
}
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {
    "jsonl": "crawler.pipelines.RecordExporter",
    "jsonlines": "crawler.pipelines.RecordExporter",
}
LOG_LEVEL = "WARNING"
LOG_VERSIONS: list[str] = []

RESIDENT: dict[str, Any] = {
    "EXTENSIONS_BASE": {},
    "ITEM_PIPELINES": {},
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # a poll asks for the same address again and again
    "SPIDER_MIDDLEWARES_BASE": {},
}
"""What the resident crawler leaves out: its jobs call the engine directly and write to the store."""
