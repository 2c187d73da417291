"""Parts on several processes or machines, by Dask's distributed (`pip install 'gradcli[cluster]'`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

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
    with dask.config.set(settings):
        try:
            if workers.isdecimal():
                cluster = LocalCluster(
                    n_workers=int(workers),
                    threads_per_worker=1,
                    scheduler_kwargs={"dashboard": False},
                    dashboard_address="127.0.0.1:0",  # any port: another cluster may be here
                    silence_logs=logging.CRITICAL,
                )
            client = Client(workers if cluster is None else cluster, timeout="10s")
        except OSError as error:
            raise GradcliError("io", f"cannot reach {workers}: {error}") from None
        try:
            yield client
        finally:
            client.close()
            if cluster is not None:
                cluster.close()


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
