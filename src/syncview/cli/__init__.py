"""The command line: the only room that prints, sets up logging and chooses exit codes."""

from __future__ import annotations

from syncview.cli.shell import main

__all__ = ["main"]
