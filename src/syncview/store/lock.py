"""A lock between processes that the system releases when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError
from syncview.store.files import writing_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["exclusive"]

_POLL_S = 0.05
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # what systems answer when another holds the lock
_BYTE = 1 << 30  # Windows locks bytes against reading too: one far behind the text that says who holds it


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def exclusive(path: Path, *, wait_s: float, what: str) -> Iterator[None]:
    """Hold a lock file for the length of a block.

    The file stays; only the system's lock on it counts, so that a killed run never blocks the next one.

    Parameters
    ----------
    path : Path
        The lock file; made when absent.
    wait_s : float
        How long to wait for another holder, in seconds.
    what : str
        What is locked, for the message.

    Raises
    ------
    CaseFolderError
        Another process (or another block of this one) still holds it, or the file cannot be locked.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise writing_fault(path, error) from error
    try:
        _acquire(descriptor, path, wait_s, what)
        try:
            _sign(descriptor, f"{os.getpid()}\n")
            yield
        finally:
            _sign(descriptor, "")
            _unlock(descriptor)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_s: float, what: str) -> None:
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            _try_lock(descriptor)
        except OSError as error:
            if error.errno not in _HELD:
                message = f"{path} cannot be locked: {error.strerror}"
                raise CaseFolderError(message, hint="put the case folder on a local disk") from error
            if time.monotonic() >= deadline_s:
                raise _held(descriptor, what) from error
            time.sleep(_POLL_S)
        else:
            return


def _held(descriptor: int, what: str) -> CaseFolderError:
    os.lseek(descriptor, 0, os.SEEK_SET)
    holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
    by = f" (process {holder})" if holder.isdecimal() else ""
    return CaseFolderError(f"{what} is in use by another syncview{by}", hint="wait until it is done, then try again")


def _sign(descriptor: int, text: str) -> None:
    """Leave word of who holds the lock. Only a courtesy: a full disk must not stop the holder."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text.encode("ascii"))
