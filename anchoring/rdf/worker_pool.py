"""Processes that share work on a large dataset: started anew, fed through pipes, gone with whoever started them.

Not `multiprocessing`: its safe start methods import the caller's program again in each process, and forking is not
safe where the caller has threads. A worker here is a fresh interpreter that imports `anchoring` alone.
It ends when its input does, so nothing is left behind by a caller that was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import BinaryIO, TypeVar, cast

from anchoring.errors import ServiceFailed, WrongUsage
from anchoring.rdf.worker_process import receive, send

MOST_BY_DEFAULT = 4
"""More processes than this are used only where they are asked for: each takes some 150 MB."""

Key = TypeVar("Key")
Result = TypeVar("Result")

_PROGRAM = "import sys; sys.path[:] = {path!r}; from anchoring.rdf.worker_process import serve; serve()"


class WorkerLost(ServiceFailed):
    """A worker process ended before it answered: killed, or out of memory."""

    code = "worker-lost"


class WorkerBroken(RuntimeError):
    """A worker process met a defect of this library; the text is its trace."""


class BadProcesses(WrongUsage):
    """The number of processes is none."""

    code = "bad-processes"


def processes_to_use(asked: int | None) -> int:
    """The number of processes asked for, or as many as there are cores, at most MOST_BY_DEFAULT; raises BadProcesses.

    One means: no other process is started.
    """
    if not sys.executable:  # embedded in another program, which could not be started as a worker
        return 1
    if asked is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(cores, MOST_BY_DEFAULT)
    if asked < 1:
        raise BadProcesses(f"{asked} is no number of processes", remedy="give 1 or more")
    return asked


class _Worker:
    def __init__(self) -> None:
        # a process group of its own: Ctrl-C is for whoever started it, who ends it then
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )

    def ask(self, function: Callable[..., Result], task: tuple[object, ...]) -> Result:
        """The result of one call in the process."""
        try:
            send(cast("BinaryIO", self._process.stdin), (function, task))
            done, answer = cast("tuple[bool, object]", receive(cast("BinaryIO", self._process.stdout)))
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if done:
            return cast("Result", answer)
        if isinstance(answer, OSError):
            raise answer
        if answer == "out of memory":
            raise WorkerLost("a worker process ran out of memory", remedy="give it more, or use fewer processes")
        raise WorkerBroken(f"a worker process failed:\n{answer}")

    def _lost(self) -> WorkerLost:
        code = self._process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return WorkerLost(
            f"worker process {self._process.pid} {how} before it answered",
            remedy="look at the memory that is left, or use fewer processes",
        )

    def end(self) -> None:
        """Ends the process, at work or not."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what it had not been sent
                    stream.close()


class WorkerPool:
    """`processes` workers, each started when it is first needed; a context manager that ends them.

    A pool of one starts none: the caller's own process does the work.

    >>> with WorkerPool(2) as pool:
    ...     list(pool.map(divmod, [(7, 2), (9, 4)]))
    [(3, 1), (2, 1)]
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._started: list[_Worker] = []
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="anchoring-worker")
        self._closed = False

    def _ask(self, function: Callable[..., Result], task: tuple[object, ...]) -> Result:
        worker = self._idle.get()
        try:
            if worker is None:
                worker = _Worker()
                self._started.append(worker)
                if self._closed:  # closed meanwhile, by Ctrl-C for instance
                    worker.end()
            return worker.ask(function, task)
        finally:
            self._idle.put(worker)

    def map(self, function: Callable[..., Result], tasks: Iterable[tuple[object, ...]]) -> Iterator[Result]:
        """The results in the order of the tasks; a few more tasks are drawn than results are taken.

        `function` is one that can be imported. Where drawing a task raises, the results before it come first.
        Raises WorkerLost, WorkerBroken and OSError.
        """
        for _, result in self.pairs(function, ((task, task) for task in tasks)):
            yield result

    def pairs(
        self, function: Callable[..., Result], tasks: Iterable[tuple[Key, tuple[object, ...]]]
    ) -> Iterator[tuple[Key, Result]]:
        """Like `map`, with what each task is to the caller: pairs of that and the arguments of the call."""
        if self.processes == 1:
            for key, arguments in tasks:
                yield key, function(*arguments)
            return
        waiting: deque[tuple[Key, Future[Result]]] = deque()
        drawn = iter(tasks)
        failed: Exception | None = None
        more = True
        while more or waiting:
            while more and len(waiting) < self.processes + 1:
                try:
                    key, arguments = next(drawn)
                except StopIteration:
                    more = False
                except Exception as error:  # noqa: BLE001 - raised in its turn
                    more, failed = False, error
                else:
                    waiting.append((key, self._threads.submit(self._ask, function, arguments)))
            if waiting:
                key, future = waiting.popleft()
                yield key, future.result()
        if failed is not None:
            raise failed

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self._closed = True
        for worker in self._started:
            worker.end()
        self._threads.shutdown(wait=True, cancel_futures=True)
