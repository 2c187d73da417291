"""Parts on several processes or machines, by Dask's distributed (`pip install 'gradcli[cluster]'`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.errors import GradcliError
from gradcli.tables.finding import Part
from gradcli.tables.parts import Work
from gradcli.tables.stream import Clock, Tally

KILLS = 3
"""A part that ends so many workers is given up."""


def run_parts(
    parts: Sequence[Part], work: Work, workers: str, clock: Clock
) -> Iterator[tuple[Part, Tally | GradcliError]]:
    """Each part with what came of it, as they are done.

    Args:
        parts: what is to be done.
        work: how; the workers write the results.
        workers: how many processes of this machine, or the address of a scheduler.
        clock: the time that all of it may take.

    Raises:
        GradcliError: `io`: Dask isn't installed, or no scheduler is reached; `limit`: the time is over.
    """
    try:
        import dask
        from distributed import Client, LocalCluster, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise GradcliError("io", "--workers needs Dask", hint="pip install 'gradcli[cluster]'") from None
    settings = {
        "distributed.scheduler.allowed-failures": KILLS - 1,
        "distributed.logging.distributed": "critical",
        "distributed.admin.log-length": 0,
    }
    with dask.config.set(settings):
        cluster: Any = None
        try:
            if workers.isdecimal():
                cluster = LocalCluster(
                    n_workers=int(workers),
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                )
                client = Client(cluster)
            else:
                client = Client(workers, timeout="10s")
        except OSError as error:
            raise GradcliError("io", f"cannot reach {workers}: {error}") from None
        try:
            waiting = {client.submit(_done, work, part, pure=False): part for part in parts}
            done = as_completed(list(waiting), timeout=clock.left())
            while waiting:
                try:
                    future = next(done)
                except TimeoutError:
                    clock.left()
                    raise
                part = waiting.pop(future)
                try:
                    yield part, future.result()
                except GradcliError as error:
                    yield part, error
                except KilledWorker:
                    yield part, GradcliError("limit", f"{part.path}: it ended {KILLS} workers")
                future.release()
        finally:
            client.close()
            if cluster is not None:
                cluster.close()


def _done(work: Work, part: Part) -> Tally:
    return work(part)
