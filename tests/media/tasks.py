"""Tasks for worker processes: each fails in its own way."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path

from syncview.errors import MediaError

__all__ = ["misbehave", "process_id", "slow_square"]


def misbehave(how: str) -> str:
    if how == "exit":
        os._exit(7)
    if how == "hang":
        time.sleep(600.0)
    if how == "crash":
        ctypes.string_at(0)
    if how == "memory":
        return str(len(bytearray(3 << 30)))
    if how == "media error":
        msg = "cam.mp4: no sound"
        raise MediaError(msg, hint="try another")
    if how == "bug":
        msg = "a mistake of ours"
        raise ValueError(msg)
    if how == "noise":
        os.write(1, b"noise on stdout\n")
        os.write(2, b"noise on stderr\n")
    return f"done: {how}"


def process_id(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def slow_square(task: tuple[int, float, Path | None]) -> int:
    number, wait_s, mark = task
    time.sleep(wait_s)
    if mark is not None:
        mark.touch()
    return number**2
