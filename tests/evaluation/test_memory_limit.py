"""`max_memory` counts what lives, whatever made it, and refuses before it is made.

Each family runs in one process of its own, whose largest size is then looked at.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradcli
from gradcli import GradcliError, machine
from gradcli.evaluation.bindings import read
from gradcli.limits import Ledger

LIMIT = 100 << 20


@pytest.fixture(scope="module", autouse=True)
def _rest() -> None:
    """What the tests before have left is let go, and not looked at again whenever something is collected."""
    gc.collect()
    gc.freeze()


HUNGRY = {
    "small arrays in a list": "l = []\nfor i in range(10**6): l.append(ones(500)*i)",
    "arrays under a MiB in a list": "l = []\nfor i in range(10**5): l.append(ones(1000, 100)*i)",
    "results": "l = []\nfor i in range(99):\n    l.append(ones(1000, 999)*i)\n    l[i].sum().item()",
    "pieces by split": "ones(3000000).split(1)",
    "pieces by unbind": "ones(3000000).unbind()",
    "pieces by chunk": "ones(3000000).chunk(3000000)",
    "pieces by tensor_split": "ones(3000000).tensor_split(3000000)",
    "pieces by list": "list(ones(3000000))",
    "recorded numbers": "x = param(1.0)\ny = x\nfor i in range(10**7): y = y*2 - y + 1",
    "a text of fields": "s = '{0:9999}'*100000\ns.format(1)",
    "a printed text": "s = 'a'*9000000\nprint(*[s]*200)",
    "a list of texts as text": "s = 'a'*9000000\nstr([s]*200)",
    "an f-string": "s = 'a'*9000000\nf'{s}{s}{s}{s}'",
    "a text by percent": "s = 'a'*9000000\n'%s%s%s%s' % (s, s, s, s)",
    "texts in a list": "l = []\nfor i in range(1000): l.append('ab'*1000000)",
    "one_hot": "F.one_hot(arange(10000), 10000)",
    "repeat_interleave": "repeat_interleave(ones(1000), 1000000)",
    "tril_indices": "tril_indices(100000, 100000)",
    "rows without elements": "zeros(10000000000, 0)",
    "a tensor of a range": "tensor(range(5*10**6))",
    "pairs in a list": "list(zip(range(2*10**6), range(2*10**6)))",
    "pairs in a dict": "dict(zip(range(2*10**6), range(2*10**6)))",
    "a comprehended dict": "{i: (i, i) for i in range(2*10**6)}",
    "what is sorted": "sorted(range(10**6))",
    "what sums are": "list(map(lambda i: i*1.5, range(3*10**6)))",
    "an inverse": "linalg.inv(ones(2000, 2000))",
    "a matrix function": "matrix_exp(ones(1300, 1300))",
    "a decomposition": "svd(ones(1300, 1300))",
    "the program itself": "x = 1\n" * 300_000,
}

_SCRIPT = """
import json, sys
import gradcli
told = {}
for name, source in json.load(sys.stdin).items():
    try:
        gradcli.evaluate(source, max_memory=MOST, wrt=[])
        told[name] = "went through"
    except gradcli.GradcliError as error:
        told[name] = error.code
# Not getrusage's: that one remembers the process which this one was forked from.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([told, int(peak.split()[1])]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the size of the process is Linux's")
def test_nothing_walks_around_it() -> None:
    script = _SCRIPT.replace("MOST", str(LIMIT // 2))
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(HUNGRY), capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""
    told, kilobytes = json.loads(done.stdout)
    assert told == dict.fromkeys(HUNGRY, "limit")
    assert kilobytes < 298_000


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(2000): y = (ones(1000, 100)*i).sum().item()",
        "x = param(ones(1000))\nfor i in range(2000):\n    (x*i).sum().backward()\n    x.grad = None",
        "for i in range(3000): s = 'ab'*100000",
    ],
)
def test_what_is_let_go_does_not_count(source: str) -> None:
    gradcli.evaluate(source, max_memory=LIMIT, wrt=[])


def test_large_arrays_count_where_the_system_tells_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory_in_use", lambda: None)
    with pytest.raises(
        GradcliError, match=r"a tensor of shape \[1000, 1000\] would take 7.6 MiB beside 9\d\.\d MiB"
    ):
        gradcli.evaluate("l = []\nfor i in range(100): l.append(ones(1000, 1000))", max_memory=LIMIT, wrt=[])
    with pytest.raises(GradcliError, match=r"3,000,000 pieces of a tensor would take 2\.8 GiB"):
        gradcli.evaluate("ones(3000000).unbind()", max_memory=LIMIT, wrt=[])


@pytest.mark.parametrize(
    ("program", "fits"),
    [
        ("x.detach()[0]*y", True),  # the input itself, which is there
        ("(x.detach()*2)[0]*y", False),  # as much again
        ("x[0]*y", False),  # a gradient as large as the input
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_a_file_counts_beside_what_the_program_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, fits: bool, told: bool
) -> None:
    if not told:
        monkeypatch.setattr(machine, "memory_in_use", lambda: None)
    gc.collect()  # what other tests have loaded
    np.save(tmp_path / "x.npy", np.ones(5 << 20))
    inputs = {"x": read(f"@{tmp_path / 'x.npy'}", ledger=Ledger(60 << 20)), "y": 2.0}
    if fits:
        assert gradcli.evaluate(program, inputs=inputs, max_memory=60 << 20).grads["y"] == 1.0
    else:
        with pytest.raises(GradcliError) as raised:
            gradcli.evaluate(program, inputs=inputs, max_memory=60 << 20)
        assert raised.value.code == "limit"


def test_a_file_counts_for_as_long_as_it_is_there(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((10, 10)))
    gc.collect()
    before = Ledger.loaded
    array = read(f"@{tmp_path / 'x.npy'}")
    part = array[:2]  # type: ignore[index]
    del array
    gc.collect()
    assert Ledger.loaded == before + 800
    del part
    gc.collect()
    assert Ledger.loaded == before


def test_no_limit_of_memory_at_all() -> None:
    gradcli.evaluate("ones(3000).split(1)", max_memory=0, wrt=[])
