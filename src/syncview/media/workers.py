"""A small pool of spawned processes with limits of time and memory, in which files from strangers are opened.

A task that crashes, hangs or wants too much memory costs its own result and nothing else: its process is ended and
another takes its place. Results come in the order of the items and do not depend on the number of workers.
`concurrent.futures` cannot do this: there, a process that dies breaks the whole pool, and a task under way cannot be
stopped.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from syncview.errors import MediaError, SettingError, SyncViewError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkServerContext, ForkServerProcess, SpawnProcess
    from types import TracebackType

__all__ = ["Outcome", "WorkerPool"]

_READY = "ready"
_START_S = 60.0  # a process that has not begun by then never will
_POLL_S = 0.2  # how soon a cancellation is noticed
_END_S = 5.0
_NOISE_BYTES = 4000
# The pool is the parallelism; threads inside a worker would only fight over the same cores.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Where memory comes from the GNU C library, a worker keeps what its arrays gave back for its next ones from the start,
# up to the sizes that the library comes to by itself: to be given fresh pages meanwhile costs more than a copy does.
_KEPT_BYTES = {"MALLOC_MMAP_THRESHOLD_": 32 * 2**20, "MALLOC_TRIM_THRESHOLD_": 64 * 2**20}

ItemT = TypeVar("ItemT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[ItemT, ValueT]):
    """What became of one item: a value, or the error that took its place."""

    item: ItemT
    value: ValueT | None
    error: SyncViewError | None


def _limit_memory(limit_mib: int) -> None:
    """Limit the address space, where the platform can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = limit_mib * 1024 * 1024
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    with contextlib.suppress(ValueError, OSError):  # some systems know the limit and refuse to set it
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(pipe: Connection, noise: str, memory_limit_mib: int | None, preload: tuple[str, ...]) -> None:
    """Life of a worker: take a task, do it, answer, until the pipe closes."""
    # Ctrl-C is the parent's business; libraries write to the terminal from C, so both outputs go to a file.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptor = os.open(noise, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    faulthandler.enable(sys.stderr)
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    if memory_limit_mib is not None:
        _limit_memory(memory_limit_mib)
    for module in preload:
        importlib.import_module(module)
    with contextlib.suppress(EOFError, OSError):  # the parent has gone, or has closed the pool
        pipe.send(_READY)
        while True:
            function, item = pipe.recv()
            try:
                answer: tuple[object, SyncViewError | None] = (function(item), None)
            except SyncViewError as error:
                answer = (None, error)
            except MemoryError:
                answer = (None, _too_much_memory(memory_limit_mib))
            except OSError as error:
                answer = (None, _system_says(error))
            pipe.send(answer)


def _system_says(error: OSError) -> MediaError:
    what = error.strerror or str(error)
    return MediaError(what if error.filename is None else f"{error.filename}: {what}", hint="check the disk")


def _too_much_memory(limit_mib: int | None) -> MediaError:
    allowed = "what the machine has" if limit_mib is None else f"the {limit_mib} MiB it may use"
    return MediaError(f"wants more memory than {allowed}", hint="the file is probably damaged")


def _context(preload: tuple[str, ...]) -> SpawnContext | ForkServerContext:
    """How processes are started: on Linux from one that has imported everything once, elsewhere from nothing.

    That one runs no threads and opens no file from strangers, so that to fork it is safe.
    """
    if not preload or sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    with _worker_environment():
        forkserver.ensure_running()
    return context


@contextlib.contextmanager
def _worker_environment() -> Iterator[None]:
    """Let a process that is started in the block run no threads of its own for arithmetic, and keep some memory."""
    wanted = dict.fromkeys(_THREADS, "1") | {name: str(size) for name, size in _KEPT_BYTES.items()}
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


class _Worker:
    """One process and the parent's end of its pipe."""

    def __init__(self, noise: Path, memory_limit_mib: int | None, preload: tuple[str, ...]) -> None:
        context = _context(preload)
        self.pipe, theirs = context.Pipe()
        self.noise = noise
        self.process: SpawnProcess | ForkServerProcess = context.Process(
            target=_serve, args=(theirs, str(noise), memory_limit_mib, preload), daemon=True
        )
        self.process.start()
        theirs.close()
        self.index: int | None = None
        self.deadline_s = 0.0
        self._limit_s = 0.0
        self._ready = False

    def give(self, index: int, task: tuple[Callable[[ItemT], ValueT], ItemT], limit_s: float) -> None:
        """Send a task. Time counts from when the process is ready for it."""
        self.index, self._limit_s = index, limit_s
        self.deadline_s = time.monotonic() + limit_s + (0.0 if self._ready else _START_S)
        # A process that has just died is noticed when its answer is read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(task)

    def answer(self) -> tuple[object, SyncViewError | None] | None:
        """Read what the process has to say: an answer, or None when it has only said that it is ready.

        Raises
        ------
        EOFError, OSError
            When the process has died.
        """
        said = self.pipe.recv()
        if said == _READY:
            self._ready = True
            self.deadline_s = time.monotonic() + self._limit_s
            return None
        self.index = None
        answer: tuple[object, SyncViewError | None] = said
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.pipe.close()
        self.process.kill()
        self.process.join(_END_S)
        self.noise.unlink(missing_ok=True)

    def last_words(self) -> str:
        """How the process ended, and the last line that it wrote."""
        self.process.join(_END_S)
        code = self.process.exitcode
        how = f"exit code {code}"
        if code is not None and code < 0:
            how = signal.strsignal(-code) or f"signal {-code}"
        lines = self.noise.read_bytes()[-_NOISE_BYTES:].decode("utf-8", "replace").split("\n")
        word = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{how}: {word}" if word and code == 1 else how


class WorkerPool:
    """Processes for tasks on files from strangers; started when first needed, kept until the pool is closed.

    Parameters
    ----------
    workers : int
        How many processes, at least 1: media is never opened in the calling process.
    memory_limit_mib : int, optional
        Address space of each process; not limited when left out, nor on Windows.
    preload : sequence of str
        Modules that every process imports at once. With any, the processes, or the one that they are forked from,
        start when the pool is entered, so that their imports go on beside the caller's own.

    Raises
    ------
    SettingError
        When `workers` is below 1.

    Examples
    --------
    A module that starts processes must be importable without side effects (``if __name__ == "__main__":``)::

        with WorkerPool(workers=2, memory_limit_mib=4096) as pool:
            for outcome in pool.run(probe, paths, timeout_s=60.0):
                print(outcome.item, outcome.value or outcome.error)
    """

    def __init__(self, *, workers: int, memory_limit_mib: int | None = None, preload: Sequence[str] = ()) -> None:
        if workers < 1:
            msg = f"workers must be 1 or more, got {workers}"
            raise SettingError(msg)
        self._size = workers
        self._memory_limit_mib = memory_limit_mib
        self._preload = tuple(preload)
        self._workers: list[_Worker] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._started = 0

    def __enter__(self) -> WorkerPool:
        # A process that is forked waits until the one it is forked from is ready: it is asked for when it is needed.
        if self._preload and isinstance(_context(self._preload), SpawnContext):
            while len(self._workers) < self._size:
                self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes. The pool starts new ones when it is used again."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def run(
        self,
        function: Callable[[ItemT], ValueT],
        items: Sequence[ItemT],
        *,
        timeout_s: float | Callable[[ItemT], float],
        progress: Callable[[Outcome[ItemT, ValueT]], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Outcome[ItemT, ValueT]]:
        """Apply a function to every item, in other processes.

        Parameters
        ----------
        function : callable
            Of a module's top level, or a `functools.partial` of one. It raises SyncViewError for what is wrong with
            the item; anything else that it raises ends its process and counts as a crash.
        items : sequence
            Anything that can be sent to a process.
        timeout_s : float or callable
            Time allowed for one item, or how to find it.
        progress : callable, optional
            Told of every outcome as it comes, in any order.
        cancelled : callable, optional
            Asked several times a second; once it says True, tasks under way are ended and the rest is not begun.

        Yields
        ------
        Outcome
            One for every item, in the order of `items`.
        """
        given = tuple(items)
        waiting = deque(range(len(given)))
        done: dict[int, Outcome[ItemT, ValueT]] = {}
        stopped = False
        try:
            for wanted in range(len(given)):
                while wanted not in done:
                    stopped = stopped or (cancelled is not None and cancelled())
                    if stopped:
                        self._drop_busy()
                        done[wanted] = _cancelled(given[wanted])
                        break
                    self._hand_out(function, given, waiting, timeout_s)
                    for index, value, error in self._collect(asked=cancelled is not None):
                        # What comes through a pipe has lost its type; the worker ran `function`.
                        done[index] = Outcome(item=given[index], value=cast("ValueT", value), error=error)
                        if progress is not None:
                            progress(done[index])
                yield done.pop(wanted)
        finally:
            self._drop_busy()

    def _hand_out(
        self,
        function: Callable[[ItemT], ValueT],
        items: Sequence[ItemT],
        waiting: deque[int],
        timeout_s: float | Callable[[ItemT], float],
    ) -> None:
        """Give every idle worker a task; start workers as long as there are tasks for them."""
        for worker in [each for each in self._workers if not each.process.is_alive() and each.index is None]:
            self._remove(worker)  # ended from outside while it had nothing to do
        while waiting:
            idle = next((each for each in self._workers if each.index is None), None)
            if idle is None and len(self._workers) >= self._size:
                return
            worker = idle or self._start()
            index = waiting.popleft()
            limit_s = timeout_s(items[index]) if callable(timeout_s) else timeout_s
            worker.give(index, (function, items[index]), limit_s)

    def _start(self) -> _Worker:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="syncview-")
        self._started += 1
        noise = Path(self._folder.name, f"worker-{self._started}.log")
        worker = _Worker(noise, self._memory_limit_mib, self._preload)
        self._workers.append(worker)
        return worker

    def _collect(self, *, asked: bool) -> Iterator[tuple[int, object, SyncViewError | None]]:
        """Wait for news, then tell of every task that has ended, one way or another."""
        busy = [worker for worker in self._workers if worker.index is not None]
        rest_s = max(0.0, min(worker.deadline_s for worker in busy) - time.monotonic())
        wait([worker.pipe for worker in busy], min(rest_s, _POLL_S) if asked else rest_s)
        for worker in busy:
            index = worker.index
            if index is None:
                continue
            if worker.pipe.poll():
                answer = self._read(worker)
                if answer is not None:
                    yield index, *answer
            elif time.monotonic() >= worker.deadline_s:
                self._remove(worker)
                yield index, None, MediaError("took too long and was stopped", hint="the file is probably damaged")

    def _read(self, worker: _Worker) -> tuple[object, SyncViewError | None] | None:
        try:
            return worker.answer()
        except (EOFError, OSError):
            words = worker.last_words()
            self._remove(worker)
            return None, MediaError(f"its reader stopped unexpectedly ({words})", hint="the file is probably damaged")

    def _remove(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()

    def _drop_busy(self) -> None:
        for worker in [each for each in self._workers if each.index is not None]:
            self._remove(worker)


def _cancelled(item: ItemT) -> Outcome[ItemT, ValueT]:
    return Outcome(item=item, value=None, error=MediaError("cancelled before it was done"))
