"""Schedules the jobs of a run in pytest-xdist: each worker gets its queue, and an idle one the tail of another's.

An xdist worker begins a test only when it knows the next one, and the next one cannot be taken from it any more. So the
job behind a long one would wait for it, and a worker with one test left waits for a second. Both are mended by giving a
job that has not begun to one more worker: the store lets the first of them claim it, the other passes over it.

Tests that share a driver stay with one worker: they are neither taken away nor given to a second one.

Trade-off: a refused claim for each job that was handed out twice, which happens only near the end of a session; and a
worker that runs dry leaves another's shared drivers alone, however long their tests take.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from uitest.compat import xdist_private
from uitest.jobs.scheduling import START_S, Schedule, keep_together, queue_index, steal
from uitest.model import Job
from uitest.plugin.worker.worker_growth import WorkerGrowth

MIN_PENDING = xdist_private.min_pending()


class QueueScheduling(xdist_private.work_stealing_class()):  # type: ignore[misc]
    """Work stealing by estimated seconds. A test is its index in the collection, which is that of its job."""

    def __init__(
        self,
        config: Any,
        log: Any,
        jobs: Sequence[Job],
        schedule: Schedule,
        groups: Callable[[], Collection[Sequence[int]]],
        clock: Callable[[], float] = time.monotonic,
        growth: WorkerGrowth | None = None,
    ) -> None:
        """``groups`` is asked, once the tests are collected, for those that one worker has to run in this order.

        ``growth`` adds workers while the session runs; None for never.
        """
        super().__init__(config, log)
        self._jobs, self._schedule, self._seconds = jobs, schedule, schedule.seconds
        self._find_groups, self._growth = groups, growth
        self._group_of: dict[int, int] = {}
        """For each test that shares a driver the first one of its group."""
        self._clock = clock
        self._assigned = False
        self._done: set[int] = set()
        self._held: dict[Any, set[str]] = defaultdict(set)
        """Engines of the jobs that each worker was given."""
        self._began: dict[Any, float] = {}
        """When each worker began its current test."""

    def mark_test_complete(self, node: Any, item_index: int, duration: float | None = None) -> None:
        """Note that the worker has completed this test and begun the next one."""
        self._done.add(item_index)
        self._began[node] = self._clock()
        super().mark_test_complete(node, item_index, duration)
        if self._growth is not None:
            working = sum(bool(pending) for pending in self.node2pending.values())
            self._growth.consider(
                working=working,
                done=len(self._done),
                waiting=lambda: sum(len(self._movable(other)) for other in self.nodes),
            )

    def check_schedule(self) -> None:
        """Give every worker that is about to run dry more to do, else let it run its last test and end."""
        if not self._assigned:
            self._assigned = True
            groups = list(self._find_groups())
            self._group_of = {n: group[0] for group in groups for n in group}
            queues = keep_together(self._schedule, self._jobs, groups).queues
            known = set(self.pending)
            nodes = sorted(self.nodes, key=lambda node: queue_index(node.gateway.id))  # by the index of their queue
            self._send_each(
                (node, [n for n in queue if n in known]) for node, queue in zip(nodes, queues, strict=False)
            )
        self._distribute()
        for node in self._idle():
            while self._is_idle(node):
                if self.steal_requested_from_node is not None:
                    return  # one request at a time; its response calls this method again
                if not self._steal_for(node) and not self._duplicate_for(node):
                    node.shutdown()

    def _idle(self) -> list[Any]:
        return [node for node in self.nodes if self._is_idle(node)]

    def _is_idle(self, node: Any) -> bool:
        """Whether the worker waits for another test before it starts its last one."""
        return not node.shutting_down and len(self.node2pending[node]) < MIN_PENDING

    def _distribute(self) -> None:
        """Assign tests without a worker (stolen, or left by one that died), each to the worker that begins it first.

        Tests that share a driver go to one worker. A test that two workers hold is still the other one's when one of
        them dies: given to that one once more, it would stand twice in its queue, and xdist counts it once.
        """
        held = {n for pending in self.node2pending.values() for n in pending}
        self.pending[:] = dict.fromkeys(n for n in self.pending if n not in held)
        shares: dict[Any, list[int]] = {node: [] for node in self._idle()}
        if not shares:
            return
        remaining = {node: self._left(node) for node in shares}
        homes: dict[int, Any] = {}
        for n in self.pending:
            node = homes.setdefault(self._group_of.get(n, n), min(shares, key=remaining.__getitem__))
            shares[node].append(n)
            remaining[node] += self._seconds[n]
        self._send_each(shares.items())

    def _steal_for(self, thief: Any) -> bool:
        """Steal the tail of the queue of the worker with most time left; False if stealing does not pay off."""
        for victim in self._victims(thief):
            waiting = self._movable(victim)
            stolen = steal(
                [n for n in self.node2pending[victim][MIN_PENDING:] if n in waiting],
                self._jobs,
                self._seconds,
                victim_s=self._left(victim),
                thief_s=self._left(thief),
                held=self._held[thief],
            )
            if stolen:
                victim.send_steal(stolen)
                self.steal_requested_from_node = victim
                return True
        return False

    def _duplicate_for(self, thief: Any) -> bool:
        """Give the worker a job that another worker has but has not begun; False if there is none.

        The job given out least often is chosen, from the tail of the worker with most time left.
        """
        times = Counter(n for pending in self.node2pending.values() for n in pending)
        chosen = [
            n
            for victim in self._victims(thief)
            for n in reversed(self._movable(victim))
            if n not in self.node2pending[thief] and self._is_sooner(n, thief, victim)
        ]
        if not chosen:
            return False
        self._send_each([(thief, [min(chosen, key=times.__getitem__)])])
        return True

    def _is_sooner(self, n: int, thief: Any, victim: Any) -> bool:
        """Whether a job would end sooner in ``thief``, including the start of an engine if it needs one."""
        engine = self._jobs[n].browser
        if engine in self._held[thief]:
            return True
        return self._left(thief) + START_S.get(engine, 0.0) < self._left(victim) - self._seconds[n]

    def _victims(self, thief: Any) -> list[Any]:
        """The other workers, most time left first."""
        others = [node for node in self.nodes if node is not thief and not node.shutting_down]
        return sorted(others, key=self._left, reverse=True)

    def _waiting(self, node: Any) -> list[int]:
        """The worker's tests that no worker has begun, in order."""
        begun = self._done | {pending[0] for pending in self.node2pending.values() if pending}
        return [n for n in self.node2pending[node] if n not in begun]

    def _movable(self, node: Any) -> list[int]:
        """What of that another worker may begin as well."""
        return [n for n in self._waiting(node) if n not in self._group_of]

    def _left(self, node: Any) -> float:
        """Estimated seconds until the worker finishes."""
        pending: list[int] = self.node2pending[node]
        remaining = sum(self._seconds[n] for n in pending if n not in self._done)
        if len(pending) >= MIN_PENDING and pending[0] not in self._done:
            remaining -= min(self._seconds[pending[0]], self._clock() - self._began[node])
        return remaining

    def _send_each(self, shares: Iterable[tuple[Any, Sequence[int]]]) -> None:
        """Send each worker its tests, from the pending ones."""
        for node, share in shares:
            if len(self.node2pending[node]) < MIN_PENDING:
                self._began[node] = self._clock()
            self._held[node].update(self._jobs[n].browser for n in share)
            mine = set(share)
            self.pending[:] = [*share, *(n for n in self.pending if n not in mine)]
            xdist_private.send_tests(self, node, len(share))
