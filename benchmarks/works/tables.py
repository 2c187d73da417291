"""`gradcli map` beside reading and writing the same tables with pyarrow, pandas with PyTorch, and `evaluate`.

Tables of 2·10^6 rows of three floats, value and two gradients of a formula; they are made once and stay in
the system's folder for temporary files. What is written is the same for all: the input and three columns.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work

PROGRAM = "z = sin(x)*exp(-y**2) + tanh(w)*x"
ROWS = 2_000_000
MIB = 2**20


def folder():
    """Where the tables are."""
    import tempfile
    from pathlib import Path

    found = Path(tempfile.gettempdir()) / "gradcli-benchmarks-tables"
    found.mkdir(exist_ok=True)
    return found


def table(format, rows=ROWS):
    """The path of a table, which is made if there is none."""
    path = folder() / f"{rows}.{format}"
    if not path.exists():
        import numpy as np
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet

        random = np.random.default_rng(0)
        made = pa.table({name: random.normal(size=rows) for name in "xyw"})
        beside = path.with_suffix(".part")
        if format == "parquet":
            pyarrow.parquet.write_table(made, beside)
        elif format == "csv":
            pyarrow.csv.write_csv(made, beside)
        else:
            columns = [made[name].to_pylist() for name in "xyw"]
            with open(beside, "w") as file:
                file.writelines(
                    f'{{"x":{x!r},"y":{y!r},"w":{w!r}}}\n' for x, y, w in zip(*columns, strict=True)
                )
        beside.rename(path)
    return str(path)


def out(who, format):
    """The path of what one of them writes."""
    return str(folder() / f"{who}.{format}")


def ours(given, wanted):
    """The command, without the start of its process."""
    from gradcli.cli import run

    arguments = ["map", PROGRAM, table(given), "-o", out("gradcli", wanted), "--wrt", "x,y"]
    return lambda: run(arguments)


def arrow(given, wanted):
    """Reads the table and writes what was computed before."""
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    path = table(given)
    read = {
        "csv": pyarrow.csv.read_csv,
        "parquet": pyarrow.parquet.read_table,
        "ndjson": pyarrow.json.read_json,
    }[given]
    # It cannot write NDJSON; CSV is the nearest.
    write = pyarrow.parquet.write_table if wanted == "parquet" else pyarrow.csv.write_csv
    result = read(path)
    columns = computed(*[result[name].to_numpy() for name in "xyw"])
    for name, column in zip(("z", "dz/dx", "dz/dy"), columns, strict=True):
        result = result.append_column(name, [column])

    def run():
        read(path)
        write(result, out("pyarrow", wanted))

    return run


def computed(x, y, w):
    """The formula and its derivatives by hand."""
    import numpy as np

    sine, bell, tangent = np.sin(x), np.exp(-(y**2)), np.tanh(w)
    return sine * bell + tangent * x, np.cos(x) * bell + tangent, -2 * y * sine * bell


def by_hand(given, wanted):
    """pandas reads and writes, PyTorch differentiates batches."""
    import pandas
    import torch

    path, size = table(given), 131_072
    read = {
        "csv": pandas.read_csv,
        "parquet": pandas.read_parquet,
        "ndjson": partial(pandas.read_json, lines=True),
    }[given]

    def run():
        frame = read(path)
        values, slopes = [], ([], [])
        for start in range(0, len(frame), size):
            part = frame.iloc[start : start + size]
            x, y, w = (torch.from_numpy(part[name].to_numpy().copy()) for name in "xyw")
            x.requires_grad_()
            y.requires_grad_()
            z = torch.sin(x) * torch.exp(-(y**2)) + torch.tanh(w) * x
            z.sum().backward()
            values.append(z.detach())
            slopes[0].append(x.grad)
            slopes[1].append(y.grad)
        frame["z"] = torch.cat(values).numpy()
        frame["dz/dx"], frame["dz/dy"] = (torch.cat(each).numpy() for each in slopes)
        if wanted == "parquet":
            frame.to_parquet(out("pandas", wanted))
        else:
            frame.to_json(out("pandas", wanted), orient="records", lines=True)

    return run


def a_row():
    """Microseconds of a row of a table in memory."""
    import time

    import numpy as np
    import pyarrow as pa

    import gradcli

    random = np.random.default_rng(0)
    rows = pa.table({name: random.normal(size=100_000) for name in "xyw"})

    def run():
        began = time.perf_counter()
        gradcli.map(PROGRAM, rows, wrt=["x", "y"])
        return (time.perf_counter() - began) / len(rows) * 1e6

    return run


def a_row_by_evaluate():
    """Microseconds of a row by itself."""
    import time

    import numpy as np

    import gradcli

    rows = np.random.default_rng(0).normal(size=(500, 3))

    def run():
        began = time.perf_counter()
        for x, y, w in rows:
            gradcli.evaluate(PROGRAM, {"x": x, "y": y, "w": w}, wrt=["x", "y"])
        return (time.perf_counter() - began) / len(rows) * 1e6

    return run


BRANCHES = {
    "if": "if x > 0:\n    z = sin(x)*exp(-y**2)\nelse:\n    z = tanh(w)*x\nz",
    "while": "z = x\nwhile y**2 > 0.1:\n    y = y/2\n    z = z + sin(x*y)\nz = z*w",
    "free": "z = x\nfor i in range(3):\n    y = y/2\n    z = z + sin(x*y)\nz = z*w",
}


def branching(kind):
    """A program over 10^5 rows."""
    import numpy as np
    import pyarrow as pa

    import gradcli

    random = np.random.default_rng(0)
    rows = pa.table({name: random.normal(size=100_000) for name in "xyw"})
    return lambda: gradcli.map(BRANCHES[kind], rows)


def peak():
    """MiB that the process of the command holds at most, for 10^7 rows."""
    import subprocess
    import sys

    arguments = [
        "map",
        PROGRAM,
        table("parquet", 10_000_000),
        "-o",
        out("gradcli", "parquet"),
        "--wrt",
        "x,y",
    ]
    # What the system tells of a child counts what its parent held when it started it.
    program = f"""
from gradcli.cli import run
status = run({arguments})
held = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(held.split()[1])
raise SystemExit(status)
"""

    def run():
        ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        return int(ran.stdout) * 1024 / MIB

    return run


def first_rows():
    """Milliseconds from the first row in to the first row out of a command that is running."""
    import subprocess
    import sys
    import time

    def run():
        arguments = [sys.executable, "-m", "gradcli", "map", "z = sin(x)*x", "--from", "ndjson"]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            time.sleep(2)  # it waits for rows
            began = time.perf_counter()
            process.stdin.write(b'{"x": 1.5}\n')
            process.stdin.flush()
            process.stdout.readline()
            took = time.perf_counter() - began
            process.stdin.close()
            process.wait()
        return took * 1e3

    return run


def limit(figure):
    """A bar, as if it were a contender."""
    return lambda: lambda: figure


def through(given, wanted, peer="pyarrow"):
    """A work of reading, computing and writing."""
    return Work(
        f"map {given} to {wanted}",
        {
            "gradcli": partial(ours, given, wanted),
            peer: partial(arrow, given, "csv" if wanted == "ndjson" else wanted),
            "pandas, PyTorch": partial(by_hand, given, wanted),
        },
        {peer: 1.3, "pandas, PyTorch": 0.8},
        ours=frozenset({peer}),
    )


WORKS = [
    through("csv", "parquet"),
    through("parquet", "parquet"),
    through("ndjson", "ndjson", "pyarrow to CSV"),
    Work(
        "map: a row",
        {"gradcli": a_row, "evaluate": a_row_by_evaluate},
        {"evaluate": 0.01},
        ours=frozenset({"evaluate"}),
        unit="µs",
    ),
    *[
        Work(
            f"map: {kind} of 10^5 rows",
            {"gradcli": partial(branching, kind), "without": partial(branching, "free")},
            {"without": 3.0},
            ours=frozenset({"without"}),
        )
        for kind in ("if", "while")
    ],
    Work("map: peak of 10^7 rows", {"gradcli": peak, "limit": limit(300.0)}, {"limit": 1.0}, unit="MiB"),
    Work("map: first row out", {"gradcli": first_rows, "limit": limit(300.0)}, {"limit": 1.0}, unit="ms"),
]
