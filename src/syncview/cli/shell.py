"""The command line itself: finds verbs, loads them when used, turns errors into a line and an exit code."""

from __future__ import annotations

import difflib
import gc
import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from syncview import __version__
from syncview.cli.output import say, set_up_logging, set_up_streams
from syncview.cli.verb import CONTEXT, State, debug_option
from syncview.errors import CaseFileError, CaseFolderError, IntegrityError, SettingError, SyncViewError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["DONE", "INTEGRITY", "INTERRUPTED", "LOOK", "UNREADABLE", "USAGE", "VERBS", "exit_code_of", "main", "shell"]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000

DONE = 0
USAGE = 2
LOOK = 3  # done, but a person must look
UNREADABLE = 4
INTEGRITY = 5
INTERRUPTED = 130

VERBS = {  # name: what it does, in the order of work; the module syncview.cli.NAME holds it as `command`
    "run": "Put footage on one clock, find strikes and movement, write the timeline and the page.",
    "probe": "List what is in a folder: files, days, devices, sound, clock claims.",
    "sync": "Say which files fit on one clock; keeps nothing.",
    "detect": "List sounds that may be explosions, or aircraft, and what people and vehicles do; keeps nothing.",
    "pin": "State that two moments are the same.",
    "reject": "Contest the machine's match of two recordings.",
    "anchor": "State the UTC of a moment, or that it was not before or not after a time.",
    "place": "State where the camera of a recording stood; with @SECONDS, where it was at that moment.",
    "place-strike": "State where a strike fell.",
    "movement": "Correct a movement that was seen, or add one.",
    "review": "Show the page of a case, to this machine alone, until Ctrl-C.",
    "export": "Write the timeline in another format.",
    "verify": "Check that a case is as it was left, and its originals as they came.",
}

EXAMPLES = (
    "syncview run footage/ -o CASE",
    "syncview probe footage/",
    "syncview pin cam1.mp4@12.34 cam2.mp4@5.67 -o CASE",
    "syncview export CASE --format csv -o events.csv",
    "syncview verify CASE",
)


class Shell(click.Group):
    """A group whose verbs are imported when they are used, so that help and mistakes cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Names of all verbs, in the order of work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's)
        """Import a verb; None when there is none of that name."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"syncview.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb of a command line; an unknown one gets a suggestion."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            near = difflib.get_close_matches(name, VERBS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(VERBS)}"
            message = f"there is no verb {name!r} ({hint})"
            raise click.UsageError(message)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, then usage, verbs and options; imports no verb."""
        formatter.write("Examples:\n")
        for example in EXAMPLES:
            formatter.write(f"  {example}\n")
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))
        click.Command.format_options(self, ctx, formatter)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line and end the process with its exit code."""
        run = super().main
        if not extra.get("standalone_mode", True):
            return run(*args, **extra)
        set_up_streams()
        set_up_logging()
        state = State()
        extra |= {"standalone_mode": False, "obj": state}
        sys.exit(exit_code_of(lambda: run(*args, **extra), state))


def exit_code_of(run: Callable[[], object], state: State) -> int:
    """Run something; print what went wrong in one line.

    Parameters
    ----------
    run : callable
        Returns the exit code, or None for 0.
    state : State
        With `debug`, tracebacks are printed too.

    Returns
    -------
    int
        The exit code, as the README says.
    """
    try:
        code = run()
    except click.exceptions.Abort:
        say("syncview: interrupted (run it again: it continues from what was kept)")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        say(_usage_line(error))
        return USAGE
    except SyncViewError as error:
        _show_trace(state)
        say(f"syncview: {error}")
        return _code_of(error)
    except SystemExit as end:
        if end.code != 1:
            raise
        return INTERRUPTED  # click's answer when the reader of stdout goes away, as `head` does
    except OSError as error:
        _show_trace(state)
        named = f"{error.filename}: " if error.filename else ""
        say(f"syncview: {named}{error.strerror or error} (check the disk and your permissions)")
        return UNREADABLE
    return code if isinstance(code, int) else DONE


def _code_of(error: SyncViewError) -> int:
    if isinstance(error, CaseFileError | CaseFolderError | SettingError):
        return USAGE
    return INTEGRITY if isinstance(error, IntegrityError) else UNREADABLE


def _usage_line(error: click.ClickException) -> str:
    text = error.format_message().strip().rstrip(".").replace("\n", " ")
    context = getattr(error, "ctx", None)
    command = "syncview" if context is None else context.command_path
    hint = "" if text.endswith(")") else f" (see: {command} -h)"
    return f"syncview: {text[:1].lower()}{text[1:]}{hint}"


def _show_trace(state: State) -> None:
    if state.debug:
        for line in traceback.format_exc().rstrip().split("\n"):
            say(line)


@click.command(cls=Shell, context_settings=CONTEXT, params=[debug_option()], subcommand_metavar="VERB ...")
@click.version_option(__version__, "-V", "--version", prog_name="syncview", message="%(prog)s %(version)s")
def shell() -> None:
    """Put footage of one incident on one clock, and find what happened when."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of this process.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    # It would look for plugins in every package that is installed, which takes time, and none may change a result.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # To look for garbage after every 700 objects takes a tenth of a start, and finds none.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    shell.main(args=arguments, prog_name="syncview")
