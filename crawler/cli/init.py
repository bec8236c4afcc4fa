"""`portalwatch init`."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

import click

from crawler.cli.common import Workplace, common
from crawler.config import FILE_NAME
from crawler.exceptions import StorageError, UsageError

KEY_FILE = "webhook.secret"
_FROM_ENVIRONMENT = '"env:PORTALWATCH_WEBHOOK_SECRET"'
TEMPLATE = """\
# portalwatch configuration. Every key shown is optional; a line that starts with "# " shows a default.
# PORTALWATCH_SECTION__KEY in the environment overrides any key, e.g. PORTALWATCH_POLITENESS__DELAY=5.

# database = "postgresql://user@host/name"   # default: portalwatch.db in the data folder
# proxy = "http://user:password@host:3128"   # for every portal; a portal file may name its own

[politeness]
# delay = 2.0          # seconds between two requests to one host; jitter only lengthens it
# concurrency = 1      # requests under way at once to one host
# timeout = 60         # seconds
# contact = "mailto:you@example.org"   # goes into the User-Agent; portals can then write instead of blocking
# robots = true        # obey robots.txt

[output]
# rotate = "none"      # "day" or "month": a new articles-....jsonl each
# reprints = false     # write copies of a story that another portal published first

[watch]
# targets = ["all"]    # portal, portal/section, kind:policy, all
# budget = "30m"       # average interval a section, or polls a day of all together, such as 5000: spent where and
                       # when something is likely to be new
# every = "10m"        # instead: a fixed interval
# cron = "0 8-18 * * mon-fri"   # instead: minute hour day month weekday, Asia/Shanghai
# working_days = false # only on Chinese working days, those worked in exchange included
# windows = ["07:00-22:00"]     # only then
# blackout = ["02:00-04:00"]    # never then
# job_timeout = "30m"
# heartbeat_url = "https://hc.example.org/ping/..."   # asked every minute while the watch is well

[revisit]
# ages = ["1h", "6h", "1d", "3d", "7d", "30d"]   # an article is visited again at these ages, to see edits
# per_poll = 10        # at most so many visits a section and poll

[retention]
# raw = "365d"         # remove what the portals answered after so long; by default it is kept for ever

# A rule says which events go to which channels. Empty lists match everything.
[[rule]]
name = "policy"
channels = ["desk"]
kinds = ["policy", "notice"]
# targets = ["shanxi", "zhejiang/policy"]
# regions = ["140000"]
# must = ["营商环境"]             # all of these words, in title, body, document number or issuer
# any = ["补贴", "/专项.{0,4}资金/"]   # one of these; /…/ is a regular expression
# not = ["招聘"]                # none of these
# events = ["published", "revised", "withdrawn"]   # and "fault": what goes wrong with sections, and its end
# reprints = false              # a story is told once by each rule
# quiet = "22:00-07:00"         # alerts of these hours wait for their end
# digest = "daily"              # or "hourly": one message with all; daily at digest_at
# digest_at = "08:00"
# timezone = "Asia/Shanghai"

# A channel is a receiver: a signed webhook (Standard Webhooks 1.0.0) ...
[[channel]]
name = "desk"
type = "webhook"
url = "https://hooks.example.org/portalwatch"
secret = "env:PORTALWATCH_WEBHOOK_SECRET"   # or "file:/path"; the value starts with whsec_
# ordered = false         # true: nothing overtakes a delivery that is to be tried again
# proxy = "http://user:password@host:3128"
# allow_private = false   # receivers in private networks are refused unless this is true
# allow_http = false

# ... or a service, by the URL that WeCom, Feishu or DingTalk show for a robot, or that apprise knows:
# pip install 'portalwatch[notify]'
# [[channel]]
# name = "group"
# type = "apprise"
# url = "env:PORTALWATCH_ROBOT"            # https://oapi.dingtalk.com/robot/send?access_token=...
# secret = "env:PORTALWATCH_ROBOT_SECRET"  # of a DingTalk robot that wants signatures
"""


@click.command()
@click.option("--force", is_flag=True, help="replace a file that is already there")
@common
def init(place: Workplace, *, force: bool) -> None:
    """Write a commented portalwatch.toml with one rule and one channel into this folder (or to --config FILE)."""
    path = place.config_path or Path.cwd() / FILE_NAME
    if path.exists() and not force:
        raise UsageError(f"{path}: exists already; --force replaces it")
    secret = path.absolute().with_name(KEY_FILE)
    written = [path]
    try:
        if not secret.exists():
            _write_secret(secret)
            written.append(secret)
        path.write_text(TEMPLATE.replace(_FROM_ENVIRONMENT, json.dumps(f"file:{secret.as_posix()}")), "utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    if place.json:
        place.print_json({"written": str(path), "secret": str(secret)})
    else:
        for one in written:
            click.echo(str(one))


def _write_secret(path: Path) -> None:
    """A new secret for the template's webhook, readable by its owner alone: commands work before anything is set."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
