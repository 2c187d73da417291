"""Options of the whole suite: how the engine cuts and shares its work.

    pytest --block 7 --threads 2

runs every test with everything counted as large, so that even a scalar goes through a plan, in
blocks of 7 elements on 2 threads;

    pytest --generate

differentiates small arrays with generated code from the first node of a kind on, and records what stands in
loops with generated code from the second turn on. Processes that tests start keep the defaults.
"""

import gc
import os
import signal

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradcli")
    group.addoption("--block", type=int, help="elements in a block; everything counts as large")
    group.addoption("--threads", type=int, help="the most threads that work at once")
    group.addoption(
        "--generate", action="store_true", help="record and differentiate by generated code from the start"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Little that tests make is garbage in a circle: it is seldom looked for, while they are collected too.
    gc.set_threshold(2_000_000, *gc.get_threshold()[1:])
    # Whoever runs the suite in the background hands ignored signals down; tests send them to what they start.
    for name in ("SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if getattr(config.option, "numprocesses", 0):
        # What one of many processes has compiled, the others need not compile again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        # They have all the cores: BLAS's threads would wait for each other by spinning.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if config.getoption("--generate"):
        from gradcli.engine import pullbacks
        from gradcli.interpreter import recipes

        pullbacks.PULLBACKS.patience = recipes.PATIENCE = 0
    block, threads = config.getoption("--block"), config.getoption("--threads")
    if block is None and threads is None:
        return
    from gradcli.tape import node

    if block is not None:
        node.LARGE = 0  # before any other module takes it from there
    from gradcli.engine import settings

    settings.configure(threads=threads, block=block, eager=threads is not None)


def pytest_collection_finish() -> None:
    # The tests themselves live to the end: nobody who looks for garbage need go through them.
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # Nor through what a file of tests leaves behind: modules, tables, what is kept for the next time.
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
