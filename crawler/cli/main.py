"""The `portalwatch` command: options common to all commands, and how errors become one line and an exit status."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

import click

from crawler import __version__
from crawler.exceptions import PortalwatchError, UsageError

COMMANDS = {
    "init": ("init", "write a commented portalwatch.toml"),
    "portals": ("portals", "the registry: portals, sections, how and when each fact was verified"),
    "crawl": ("crawl", "one pass: new and changed articles"),
    "backfill": ("backfill", "the whole history of sections, with a completeness report"),
    "watch": ("watch", "poll on a schedule and alert, until interrupted"),
    "clean": ("files", "restore a text and read it as an article"),
    "extract": ("files", "saved HTML pages to records"),
    "listing": ("files", "saved list pages to their entries"),
    "add": ("add", "look at a portal never seen before, and write its file"),
    "status": ("status", "verdicts, next polls and why then, the next command to type; pending deliveries"),
    "check": ("check", "look at sections now, fetching little: what is healthy, what is not and why"),
    "pause": ("pause", "stop polling sections for a while"),
    "resume": ("pause", "poll them again"),
    "show": ("show", "one article and its revisions"),
    "changes": ("changes", "what was published, revised, withdrawn, back-dated, newest first"),
    "recheck": ("recheck", "visit one article now"),
    "reprocess": ("reprocess", "read stored pages again with today's code, offline"),
    "compare": ("compare", "a copy found elsewhere against the original in the store"),
    "schema": ("schema", "the JSON Schema of records and events"),
    "alerts": ("alerts", "test, list and retry deliveries; preview rules"),
    "demo": ("demo", "the whole way on a local replica of several portals"),
}
"""Command to module and its line in `--help`; modules are imported when their command runs."""


class Commands(click.Group):
    """Imports a command only when it is asked for: start-up stays below the cost of one page."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"crawler.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is a typo."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            import difflib  # noqa: PLC0415 - only for a typo

            near = difflib.get_close_matches(name, COMMANDS, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"commands: {', '.join(COMMANDS)}"
            raise UsageError(f"no command {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Every command takes --config, --data, --portals, -v, -q, --log-format and --json.",
)
@click.version_option(__version__, prog_name="portalwatch")
def portalwatch() -> None:
    """Know what Chinese provincial government portals publish, change and take down, in clean text."""


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and give its exit status; every error is one line on stderr."""
    # Imports make some 110,000 objects that stay: they are not looked through for cyclic garbage (35 ms of a start).
    gc.set_threshold(200_000, 20, 100)
    try:
        result: Any = portalwatch.main(arguments, prog_name="portalwatch", standalone_mode=False)
    except click.exceptions.Abort:
        return _say("interrupted; what was stored is kept", 130)
    except click.ClickException as error:
        return _say(_click_line(error), 2)
    except PortalwatchError as error:
        return _say(str(error), error.exit_status)
    except KeyboardInterrupt:
        return _say("interrupted; what was stored is kept", 130)
    except BrokenPipeError:
        # The reader of stdout went away (`| head`); give stdout a sink, so that its last flush does not fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def _click_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message} Try '{error.ctx.command_path} --help'."
    return message


def _say(line: str, status: int) -> int:
    click.echo(f"portalwatch: {' '.join(line.splitlines())}", err=True)
    return status


def main() -> None:
    """Console script."""
    sys.exit(run())


if __name__ == "__main__":
    main()
