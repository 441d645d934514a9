from __future__ import annotations

import queue
import signal
import threading
import time

import pytest

from driftcli.engines.schedule import Crew, Job

SOON = 10  # seconds, for what happens at once


def jobs(*needs):
    return [Job(f"{index}: {need}", need) for index, need in enumerate(needs)]


class Log:
    """Work that notes what runs at the same time."""

    def __init__(self, needs=None):
        self.done, self.most, self.heaviest = [], 0, 0
        self._needs = needs or {}
        self._running, self._lock = [], threading.Lock()

    def __call__(self, item):
        with self._lock:
            self._running.append(item)
            self.most = max(self.most, len(self._running))
            self.heaviest = max(self.heaviest, sum(self._needs[i] for i in self._running))
        time.sleep(0.001)
        with self._lock:
            self._running.remove(item)
            self.done.append(item)


@pytest.mark.parametrize("threads", [1, 2, 5, 40])
def test_every_job_is_done_once(threads):
    work = jobs(*range(1, 30))
    log = Log({job.item: job.need for job in work})
    Crew(work, log, threads, 1_000).run()
    assert sorted(log.done) == sorted(job.item for job in work)
    assert log.most <= threads


def test_no_jobs_are_done_at_once():
    Crew([], Log(), 3, 10).run()


def test_large_jobs_come_first():
    done = []
    Crew(jobs(3, 9, 1, 5), done.append, 1, 100).run()
    assert done == ["1: 9", "3: 5", "0: 3", "2: 1"]


@pytest.mark.parametrize("memory", [10, 17, 30])
def test_the_memory_is_never_exceeded(memory):
    work = jobs(*[1, 9, 4, 10, 2, 7, 3, 8] * 5)
    log = Log({job.item: job.need for job in work})
    Crew(work, log, 6, memory).run()
    assert len(log.done) == 40
    assert log.heaviest <= memory
    assert log.most > 1


def test_jobs_that_fit_run_side_by_side():
    both = threading.Barrier(2, timeout=SOON)
    Crew(jobs(5, 5), lambda item: both.wait(), 2, 10).run()


def test_a_job_that_does_not_fit_waits_and_a_smaller_one_goes_first():
    order, small_ran = [], threading.Event()

    def work(item):
        order.append(item)
        if item == "0: 8":
            assert small_ran.wait(SOON)
        elif item == "2: 2":
            small_ran.set()

    Crew(jobs(8, 6, 2), work, 3, 10).run()
    assert order == ["0: 8", "2: 2", "1: 6"]


def test_a_job_larger_than_the_memory_runs_alone():
    work = jobs(50, 60, 1, 1, 1)
    needs = {job.item: job.need for job in work}
    running, lock, seen = [], threading.Lock(), []

    def note(item):
        with lock:
            running.append(item)
            seen.append([needs[i] for i in running])
        time.sleep(0.002)
        with lock:
            running.remove(item)

    Crew(work, note, 4, 10).run()
    assert len(seen) == 5
    assert [together for together in seen if max(together) > 10] == [[60], [50]]


class Failed(Exception):
    pass


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_exception_is_raised_and_ends_the_others(threads):
    begun, ended = threading.Barrier(threads, timeout=SOON), []

    def work(item):
        begun.wait()
        if item == "2: 7":
            raise Failed(item)
        while True:
            try:
                crew.check()
            except BaseException as stop:
                ended.append(type(stop).__name__)
                raise

    crew = Crew(jobs(5, 5, 7, 1, 1, 1), work, threads, 100)
    with pytest.raises(Failed, match="2: 7"):
        crew.run()
    # the others that had begun were told to stop, and none began after
    assert ended == ["Stopped"] * (threads - 1)


def test_a_later_failure_does_not_hide_the_first():
    begun = threading.Barrier(2, timeout=SOON)

    def work(item):
        begun.wait()
        if item == "1: 9":
            raise Failed("first")
        while True:
            try:
                crew.check()
            except BaseException:
                raise ValueError("a consequence") from None

    crew = Crew(jobs(1, 9), work, 2, 100)
    with pytest.raises(Failed, match="first"):
        crew.run()


def test_check_lets_a_good_run_go_on():
    crew = Crew(jobs(1, 2), lambda item: crew.check(), 2, 10)
    crew.run()
    crew.check()


def test_an_interrupt_ends_the_jobs_that_run():
    begun, ended = threading.Barrier(3, timeout=SOON), queue.Queue()

    def work(item):
        begun.wait()
        while True:
            try:
                crew.check()
            except BaseException:
                ended.put(item)
                raise
            time.sleep(0.001)

    def interrupt():
        begun.wait()
        time.sleep(0.05)  # the main thread waits by then, as it does all through a run
        signal.pthread_kill(main, signal.SIGINT)

    main = threading.main_thread().ident
    assert main == threading.get_ident()
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    crew = Crew(jobs(2, 1, 1), work, 2, 10)
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            crew.run()
    finally:
        signal.signal(signal.SIGINT, old)
    assert sorted(ended.get(timeout=SOON) for _ in range(2)) == ["0: 2", "1: 1"]
    with pytest.raises(queue.Empty):
        ended.get(timeout=0.01)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_as_many_threads_as_the_system_allows(allowed, monkeypatch):
    start, started = threading.Thread.start, []

    def limited(thread):
        if len(started) == allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    work = jobs(1, 2, 3, 4)
    log = Log({job.item: job.need for job in work})
    Crew(work, log, 4, 10).run()
    assert len(log.done) == 4
    assert len(started) == allowed
