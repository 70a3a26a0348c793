"""Run the command line: ``python -m syncview``."""

from __future__ import annotations

from syncview.cli import main

if __name__ == "__main__":
    main()
