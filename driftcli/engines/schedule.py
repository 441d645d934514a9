"""Groups of columns, worked at by several threads within a budget of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")

PATIENCE = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Job(Generic[Item]):
    """Something to do, and the bytes that it takes."""

    item: Item
    need: int


class Stopped(Exception):
    """Another thread failed, or the run was asked to end."""


class Crew(Generic[Item]):
    """Threads that take the first job for which there is memory; large jobs come first.

    Parameters
    ----------
    jobs : sequence of Job
    work : callable
        Takes a job's item; runs in several threads at once.
    threads : int
    memory : int
        Bytes; a job that needs more runs alone.
    """

    def __init__(
        self, jobs: Sequence[Job[Item]], work: Callable[[Item], None], threads: int, memory: int
    ) -> None:
        self._pending = sorted(jobs, key=lambda job: -job.need)
        self._work = work
        self._free = memory
        self._running = 0
        self._failure: BaseException | None = None
        self._changed = Condition()
        self._threads = [Thread(target=self._labour, daemon=True) for _ in range(threads)]

    def run(self) -> None:
        """Do all jobs; the first exception of any is raised here, and ends the others."""
        try:
            for thread in self._started():
                # a signal that comes just before it waits would be lost in a join without end
                while thread.is_alive():
                    thread.join(PATIENCE)
        except BaseException as stop:
            self._fail(stop)
            raise
        if self._failure is not None:
            raise self._failure

    def _started(self) -> list[Thread]:
        """Start as many threads as the system allows; without any, do the work here."""
        started = []
        for thread in self._threads:
            try:
                thread.start()
            except RuntimeError:  # out of memory or of threads
                break
            started.append(thread)
        if not started:
            self._labour()
        return started

    def check(self) -> None:
        """Raise :class:`Stopped` where a job may as well end; called by the work now and then."""
        if self._failure is not None:
            raise Stopped

    def _labour(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._work(job.item)
            except Stopped:
                return
            except BaseException as failure:
                self._fail(failure)
                return
            finally:
                self._done(job)

    def _next(self) -> Job[Item] | None:
        with self._changed:
            while self._pending and self._failure is None:
                for job in self._pending:
                    if job.need <= self._free or not self._running:
                        self._pending.remove(job)
                        self._free -= job.need
                        self._running += 1
                        return job
                self._changed.wait()
            return None

    def _done(self, job: Job[Item]) -> None:
        with self._changed:
            self._free += job.need
            self._running -= 1
            self._changed.notify_all()

    def _fail(self, failure: BaseException) -> None:
        with self._changed:
            self._failure = self._failure or failure
            self._changed.notify_all()
