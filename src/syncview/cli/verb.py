"""What all verbs share: examples first in their help, and the options that mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from syncview.cli.output import set_up_logging

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONTEXT", "State", "Verb", "author_options", "case_option", "debug_option", "json_option"]

Decorated = TypeVar("Decorated", bound="Callable[..., Any]")

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class State:
    """What options of the shell tell the code that reports errors."""

    debug = False


def _switch_debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    state = context.find_object(State)
    if value and state is not None:
        state.debug = True
        set_up_logging(debug=True)


def debug_option() -> click.Option:
    """``--debug``, of the shell and of every verb."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=_switch_debug,
        help="Show details of what happens, and tracebacks.",
    )


class Verb(click.Command):
    """A verb. Its help begins with examples.

    Parameters
    ----------
    examples : tuple of str
        Command lines.
    """

    def __init__(self, *args: Any, examples: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params.append(debug_option())

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, then usage, text and options."""
        formatter.write("Examples:\n")
        for example in self.examples:
            formatter.write(f"  {example}\n")
        formatter.write_paragraph()
        super().format_help(ctx, formatter)


def case_option() -> Callable[[Decorated], Decorated]:
    """``-o CASE``: the case folder to write to, given as `case`."""
    return click.option(
        "-o", "--case", required=True, metavar="CASE", type=click.Path(path_type=Path), help="Case folder."
    )


def author_options() -> Callable[[Decorated], Decorated]:
    """``--author`` and ``--note``: who states something, and why."""

    def both(function: Decorated) -> Decorated:
        return click.option("--author", help="Who says so.")(click.option("--note", help="Why.")(function))

    return both


def json_option() -> Callable[[Decorated], Decorated]:
    """``--json``: the result as JSON on stdout, given as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
