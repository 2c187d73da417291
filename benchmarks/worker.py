"""One contender's own process: prepares works and does them when told, over JSON lines.

Started by `contest`, under gradcli's interpreter or, for peers that live elsewhere, under theirs. It
prints one line when it is ready and one for each order; an order is a work to prepare, or a number
of times to do it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time


def main() -> None:
    """Serves until standard input ends."""
    from benchmarks.works import find

    run, measured = None, True
    clock = time.process_time if os.environ.get("BENCHMARKS_CLOCK") == "cpu" else time.perf_counter
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "work" in order:
                run = None
                gc.collect()
                work = find(order["work"])
                measured = work.unit == "s"
                run = work.contenders[order["contender"]]()
                run()  # what is made once (compiled, planned, loaded) is not measured
                began = clock()
                run()
                answer = {"seconds": clock() - began}
                if work.compared:
                    answer["figures"] = figures(run())
            elif not measured:
                answer = {"seconds": run()}
            else:
                times = range(order["times"])
                began = clock()
                for _ in times:
                    run()
                answer = {"seconds": (clock() - began) / len(times)}
        except ImportError as error:
            answer = {"missing": str(error)}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def figures(arrays):
    """For each array its size, its norm, and its products with two fixed vectors: what tells arrays apart."""
    import numpy as np

    found = []
    for each in arrays:
        flat = np.asarray(each, np.float64).reshape(-1)
        places = np.arange(flat.size)
        found.append(
            [flat.size, float(np.sqrt(flat @ flat)), *[float(flat @ np.cos(k * places)) for k in (1, 2)]]
        )
    return found


if __name__ == "__main__":
    main()
