"""Parts on several processes or machines, by Dask's distributed (`pip install 'gradcli[cluster]'`)."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Any

from gradcli import interrupts
from gradcli.errors import GradcliError
from gradcli.tables.ahead import Clock
from gradcli.tables.finding import Part
from gradcli.tables.parts import PartWork
from gradcli.tables.stream import Tally

KILLS = 3
"""A part that ends so many workers is given up."""


@contextmanager
def connected(workers: str) -> Iterator[Any]:
    """A client of Dask's.

    Args:
        workers: how many processes of this machine, or the address of a scheduler.

    Raises:
        GradcliError: `io`: Dask isn't installed, or the scheduler can't be reached.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise GradcliError("io", "--workers needs Dask", hint="pip install 'gradcli[cluster]'") from None
    settings = {
        "distributed.scheduler.allowed-failures": 0,  # who is to blame is found out here
        "distributed.logging.distributed": "critical",
        "distributed.admin.log-length": 0,
    }
    cluster: Any = None
    scratch = TemporaryDirectory(prefix="gradcli-", ignore_cleanup_errors=True)
    with scratch, dask.config.set({**settings, "temporary-directory": scratch.name}):
        try:
            with _reaching(workers):
                if workers.isdecimal():
                    cluster = _started(int(workers), LocalCluster)
                client = Client(workers if cluster is None else cluster, timeout="10s")
            with client:
                yield client
        except BaseException:
            if cluster is not None:
                _end(cluster)
            raise
        finally:
            if cluster is not None:
                cluster.close()


@contextmanager
def _reaching(workers: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GradcliError("io", f"cannot reach {workers}: {error}") from None


def _started(number: int, make: Callable[..., Any]) -> Any:
    """A cluster of this machine. A Ctrl-C is for us, and what has begun to start cannot be ended."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # its start would let a Ctrl-C in again
    interrupts.hold(True)
    try:
        return make(
            n_workers=number,
            threads_per_worker=1,
            scheduler_kwargs={"dashboard": False},
            dashboard_address="127.0.0.1:0",  # any port: another cluster may be here
            silence_logs=logging.CRITICAL,
        )
    finally:
        interrupts.hold(False)


def _end(cluster: Any) -> None:
    """Ends the workers of this machine at once, which would go on for seconds with what nobody wants."""
    for nanny in list(cluster.workers.values()):
        nanny.close_gracefully()  # it is to start no other one
        if nanny.pid:
            with suppress(OSError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def run_parts(
    parts: Sequence[Part], work: PartWork, client: Any, clock: Clock
) -> Iterator[tuple[Part, Tally | GradcliError]]:
    """Each part with what came of it, as they are done.

    Args:
        parts: what is to be done.
        work: how; the workers write the results.
        client: of the scheduler.
        clock: the time that all of it may take.

    Raises:
        GradcliError: `limit`: the time is over.
    """
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    waiting = {client.submit(_done, work, part, pure=False): part for part in parts}
    done = as_completed(list(waiting), timeout=clock.left())
    suspects: list[tuple[Part, int]] = []
    while waiting:
        try:
            future = next(done)
        except TimeoutError:
            clock.left()
            raise
        part = waiting.pop(future)
        try:
            yield part, _result(future, clock)
        except KilledWorker as error:
            suspects.append((part, error.allowed_failures + 1))
    # Whatever waited at a worker that was killed is under suspicion; alone it shows who did it.
    for part, kills in suspects:
        while True:
            try:
                yield part, _result(client.submit(_done, work, part, pure=False), clock)
            except KilledWorker as error:
                kills += error.allowed_failures + 1
                if kills < KILLS:
                    continue
                yield part, GradcliError("limit", f"{part.said}: it killed {kills} workers")
            break


def _result(future: Any, clock: Clock) -> Tally | GradcliError:
    """What came of a part."""
    try:
        found: Tally = future.result(timeout=clock.left())
    except GradcliError as error:
        return error
    except TimeoutError:
        clock.left()
        raise
    finally:
        future.release()
    return found


def _done(work: PartWork, part: Part) -> Tally:
    return work(part)
