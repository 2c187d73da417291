"""Programs whose rows decide differently, run together: as row by row, and the same bytes in pieces."""

import functools
import gc
import weakref

import numpy as np
import pyarrow as pa
import pytest

import gradcli
from gradcli.evaluation.many import Many
from gradcli.evaluation.merged import MergedPath
from gradcli.ops import sincos
from gradcli.tables import rows as table_rows

PROGRAMS = {
    "while": "y=x\nt=n\nwhile t>0:\n    y=sin(y)+0.5*x\n    t=t-1\nz=y*y",
    "a counter": "y=x\nk=0\nwhile k<n:\n    y=sin(y)+0.5*x\n    k=k+1\nz=y*k**2",
    "range": "y=x\nfor k in range(int(n)):\n    y=sin(y)+k*x\nz=y*y",
    "range from two": "y=x\nfor k in range(2, n):\n    y=sin(y)+k*x\nz=y*y",
    "break": "y=x\nfor k in range(300):\n    if k>=n: break\n    y=sin(y)+0.5*x\nz=y*k",
    "else": "y=x\nfor k in range(12):\n    if k>n: break\n    y=sin(y)+0.5*x\nelse:\n    y=y*x\nz=y*k",
    "else of while": "def f(a,b):\n    while b>0:\n        b=b-3\n        if a>1.5: break\n"
    "        a=a*1.2+x\n    else:\n        if x>0: return a*x\n        a=a+1\n    return a*a\nz=f(x,n)",
    "continue": "s=x*0\nfor k in range(20):\n    if k%3==1: continue\n    if k>n: break\n"
    "    s=s+sin(x)*k\nz=s*k",
    "if in while": "y=x\nt=n\nwhile t>0:\n    if y>0.3:\n        y=sin(y)+0.5*x\n    else:\n"
    "        y=cos(y)-0.2*x\n    t=t-1\nz=y*y",
    "nested": "y=x\nt=n\nwhile t>0:\n    s=t\n    while s>0:\n        y=sin(y)+0.1*x\n        s=s-5\n"
    "    t=t-5\nz=y*y",
    "a number at first": "s=0\nt=n\nwhile t>0:\n    s=s+x*t\n    t=t-1\nz=s*x+x",
    "in place": "s=x*0\nt=n\nwhile t>0:\n    s+=x*t\n    t=t-1\nz=s*x+x",
    "in place on both sides": "s=x*1\nfor k in range(4):\n    if s>k*0.2+n*0.01:\n        s*=x\n    else:\n"
    "        s-=sin(s)\nz=s*x",
    "a counter of some": "y=x\nj=0\nfor k in range(int(n)):\n    y=sin(y)+0.3\n    if y>0.9: continue\n"
    "    if k>20: break\n    j=j+1\nz=y*j",
    "a number of those that left": "y=x\nj=1\nt=n\nwhile t>0:\n    t=t-1\n    j=j+1\n"
    "    if t==0 and n>20 and y>0: j=j*2\nz=y*j",
    "recursion": "def f(a,b):\n    if b<=0: return a\n    return sin(f(a,b-7))+a\nz=f(x,n)",
    "return in a loop": "def f(a,b):\n    for k in range(100):\n        if k>b:\n            return a*k\n"
    "        a=sin(a)+0.3\n    return a\nz=f(x,n)",
    "two results": "def f(a,b):\n    if b>20: return a*a, b\n    return sin(a), -b\ny, w = f(x,n)\nz=y*w",
    "expressions": "y=x\nfor k in range(int(n)):\n"
    "    y = sin(y) if y>0.2 else (y*y if y<-0.5 and n>20 else exp(y))\nz=y",
    "or": "y=x\nk=0\nwhile not (k>=n or abs(y)>5):\n    y=y*1.1+0.1\n    k+=1\nz=y*k",
    "collatz": "c=n+1\nk=0\ny=x\nwhile c>1.5:\n    if c%2==0:\n        c=c/2\n        y=y*0.9\n    else:\n"
    "        c=3*c+1\n        y=y+sin(x)\n    k=k+1\nz=y*k",
    "tangled": "y=x\nw=cos(x)\nt=n\nwhile t>0:\n"
    "    y,w=0.3*w*y+sin(w)+y*0.3,0.5*y*w-0.1*w*w+0.1*x\n    t=t-1\nz=w*y+y*y*w",
    "a name of the body": "y=x\nt=n\nwhile t>0:\n    u=y*y\n    y=u-x\n    y=y/(1+u)\n    t=t-1\n"
    "z=y*u if n>0 else y",
    "lists": "v=[]\nfor k in range(int(n)%5):\n    v.append(x*k)\nz=x\nfor e in v:\n    z=z+e*e",
    "a closure": "def g(t):\n    c=0\n    def h():\n        nonlocal c\n        c=c+x\n    while t>0:\n"
    "        h()\n        t=t-6\n    return c\nz=g(n)+x",
    "caught": "y=x\nfor k in range(6):\n    try:\n        if y*k>n: raise ValueError('far')\n"
    "        y=y+sin(y)\n"
    "    except ValueError:\n        y=y*0.5\nz=y",
    "an object": "class C:\n    def __init__(self,a): self.a=a\n    def step(self): self.a=sin(self.a)+x\n"
    "c=C(x)\nfor k in range(int(n/8)):\n    c.step()\nz=c.a",
    "never defined": "for k in range(int(n)-3):\n    y=x*k\nz=y+x",
    "singular": "y=x\nt=n\nwhile t>0:\n    y=y+1/t\n    t=t-1\nz=sqrt(y*y+1)",
    "sums": "v=[1.0,2.0,3.0]*x\nt=n\nwhile t>0:\n    v=sin(v)+v.sum()*0.1\n    t=t-1\nz=(v*v).sum()",
    "random": "y=x\nt=n\nwhile t>0:\n    y=y+0.1*randn()\n    t=t-9\nz=y*x",
}


def table(size=48):
    random = np.random.default_rng(1)
    return pa.table({"x": random.normal(size=size), "n": random.integers(0, 41, size).astype(float)})


def mapped(program, rows, monkeypatch, together=True, **options):
    """The columns that come out, and the object that evaluated them."""
    made = []

    def seeing(*args, **kwargs):  # no class of its own, which would keep all that it sees until it is garbage
        made.append(many := Many(*args, **kwargs))
        if not together:
            many._go_together = lambda columns, rows, found: rows
        return many

    monkeypatch.setattr(table_rows, "Many", seeing)
    result = gradcli.map(program, rows, **options)
    return {name: result[name].to_numpy() for name in result.column_names}, made[0]


@functools.cache
def usual(name):
    """The columns of a program for all rows of the table."""
    result = gradcli.map(PROGRAMS[name], table(), wrt=["x", "n"])
    return {name: result[name].to_numpy() for name in result.column_names}


@pytest.mark.parametrize("name", PROGRAMS)
def test_together_as_row_by_row_in_pieces_and_by_paths(name, monkeypatch):
    """The values and gradients of each row, and the same bytes whatever else runs with it."""
    rows, found = table(), usual(name)
    for at, row in list(enumerate(rows.to_pylist()))[:16]:
        try:
            alone = gradcli.evaluate(PROGRAMS[name], row, wrt=["x", "n"])
        except gradcli.GradcliError:
            assert np.isnan(found["z"][at])
            continue
        assert found["z"][at] == pytest.approx(float(alone.values["z"]), rel=1e-13)
        for each in "xn":
            assert found[f"dz/d{each}"][at] == pytest.approx(float(alone.grads[each]), rel=1e-9, abs=1e-12)
    by_paths, _ = mapped(PROGRAMS[name], rows.slice(24), monkeypatch, together=False, wrt=["x", "n"])
    piece, _ = mapped(PROGRAMS[name], rows.slice(5, 17), monkeypatch, wrt=["x", "n"])
    for column in ("z", "dz/dx", "dz/dn"):
        assert found[column][24:].tobytes() == by_paths[column].tobytes()
        assert found[column][5:22].tobytes() == piece[column].tobytes()


@pytest.mark.parametrize("name", ["while", "a counter", "range", "break", "if in while", "nested", "collatz"])
def test_one_tape_for_all_turns(name, monkeypatch):
    _, many = mapped(PROGRAMS[name], table(300), monkeypatch, wrt=["x"])
    assert len(many.of_many) == 1
    assert not many.paths


@pytest.mark.parametrize("name", ["while", "break", "if in while", "nested", "in place", "sums"])
def test_a_tape_goes_when_nobody_has_it_without_the_collector(name, monkeypatch):
    _, many = mapped(PROGRAMS[name], table(), monkeypatch, wrt=["x"])
    (path,) = many.of_many
    tape = [weakref.ref(each) for each in (path, path.program, path.together)]
    gc.disable()
    try:
        monkeypatch.undo()
        del many, path
        assert [each() for each in tape] == [None] * len(tape)
    finally:
        gc.enable()


def test_higher_derivatives_of_a_loop(monkeypatch):
    rows = table(20)
    found, _ = mapped(PROGRAMS["if in while"], rows, monkeypatch, wrt=["x"], order=2, hessian=True)
    for at, row in enumerate(rows.to_pylist()):
        alone = gradcli.evaluate(PROGRAMS["if in while"], row, wrt=["x"], order=2)
        assert found["d2z/dx2"][at] == pytest.approx(float(alone.orders["x"][1]), rel=1e-8, abs=1e-10)
        assert found["hessian[x,x]"][at] == pytest.approx(float(alone.orders["x"][1]), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_bytes_in_blocks_of_any_size(name, monkeypatch):
    found = usual(name)
    monkeypatch.setattr("gradcli.evaluation.merged.BLOCK", 7)
    monkeypatch.setattr("gradcli.evaluation.merged.LEAST", 1)
    blocks, _ = mapped(PROGRAMS[name], table(), monkeypatch, wrt=["x", "n"])
    assert all(blocks[each].tobytes() == found[each].tobytes() for each in found)


@pytest.mark.parametrize("name", ["while", "a counter", "break", "if in while", "collatz", "recursion"])
def test_rows_for_which_those_that_were_run_do_not_stand_are_run_next(name, monkeypatch):
    monkeypatch.setattr("gradcli.evaluation.many.SAMPLE", 3)
    rows = table(60)
    found, many = mapped(PROGRAMS[name], rows, monkeypatch, wrt=["x"])
    monkeypatch.undo()
    usual, _ = mapped(PROGRAMS[name], rows, monkeypatch, wrt=["x"])
    assert len(many.of_many) > 1
    assert all(found[each].tobytes() == usual[each].tobytes() for each in found)


def test_a_turn_is_computed_for_the_rows_that_turn_and_no_others(monkeypatch):
    """Sine and cosine of a turn, which one call computes, are the sign of it."""
    counted, evaluate = [], MergedPath.evaluate
    usual = sincos.sincos

    def counting(path, columns, size):
        with monkeypatch.context() as patch:
            patch.setattr(sincos, "sincos", lambda x, *results: (counted.append(x.size), usual(x, *results)))
            return evaluate(path, columns, size)

    monkeypatch.setattr(MergedPath, "evaluate", counting)
    rows = table(200)
    mapped(PROGRAMS["while"], rows, monkeypatch, wrt=["x"])
    assert sum(counted) == sum(rows["n"].to_pylist())


def test_what_no_row_may_do_costs_only_its_rows(monkeypatch):
    program = "v=tensor([1.,2.,3.])\ny=x\nt=n\nwhile t>0:\n    y=y*v[int(t)%4]\n    t=t-10\nz=y"
    found, _ = mapped(program, table(), monkeypatch, wrt=["x"])
    whole = [int(n) for n in table()["n"].to_pylist()]
    failing = [any(t % 4 == 3 for t in range(n, 0, -10)) for n in whole]
    assert np.isnan(found["z"]).tolist() == failing


def test_what_was_overwritten_in_place_is_refused_as_by_eval():
    program = "s=x*1\ny=s*s\ns+=1\nz=y"
    with pytest.raises(gradcli.GradcliError) as alone:
        gradcli.evaluate(program, {"x": 2.0}, wrt=["x"])
    with pytest.raises(gradcli.GradcliError) as rows:
        gradcli.map(program, table(), wrt=["x"])
    assert alone.value.code == rows.value.code == "in-place"


@pytest.mark.parametrize(
    "program",
    [
        "y=x\nw=y\nif x>0: y=sin(y)\nfor k in range(1): pass\nz=y*w*y*w*y",  # two names of a value
        "u=x\nif n>20: u=tanh(1.5)\nfor k in range(2): u=sin(u)*cos(u)\nz=u*x",  # what is constant for some
        "a=x\nb=0.3*x\nt=n\nwhile t>0:\n    a,b=b,a*b+sin(a)\n    t=t-7\nz=a*b*a*b*x",
        "y=x\nt=n\nwhile t>0:\n    y=y*0\n    t=t-30\nz=-y*x",  # the sign of a derivative that is zero
        "k=0\nwhile k<n/9: k=k+1\nz=sin(x)**k*x",  # an exponent that is a number for each
        "k=1.1\nwhile k<n/9: k=k+1\nz=x*k**3",
        "y=x\nif n>20: y=y*inf-y*inf\nfor k in range(2): y=y*1.5\nz=y",  # the bits of nan
    ],
)
def test_the_same_bytes_for_a_row_alone_and_beside_others(program, monkeypatch):
    rows = table(24)
    beside, _ = mapped(program, rows, monkeypatch, wrt=["x"])
    for at in range(24):
        alone, _ = mapped(program, rows.slice(at, 1), monkeypatch, wrt=["x"])
        assert all(beside[name][at : at + 1].tobytes() == alone[name].tobytes() for name in ("z", "dz/dx"))


@pytest.mark.parametrize("kept", ["w=y", "w=[y]"])
@pytest.mark.parametrize("written", ["y+=1", "y.add_(1)"])
def test_a_tensor_of_two_names_is_written_for_both_where_both_still_mean_it(kept, written, monkeypatch):
    read = "w[0]" if "[" in kept else "w"
    program = f"y=x*1\n{kept}\nfor k in range(1):\n    if x>0: y=sin(y)\n{written}\nz={read}*y"
    rows = table(12)
    found, _ = mapped(program, rows, monkeypatch, wrt=["x"])
    for at, row in enumerate(rows.to_pylist()):
        alone = gradcli.evaluate(program, {"x": row["x"]}, wrt=["x"])
        assert found["z"][at] == pytest.approx(float(alone.values["z"]), rel=1e-13)
        assert found["dz/dx"][at] == pytest.approx(float(alone.grads["x"]), rel=1e-13)


ALIASES = {
    "a leaf": "y=x\nw=0.5*x\nk=0\nwhile k>n:\n    y+=1\nz=w+y*x",
    "another name": "y=x*1\nw=y\nfor k in range(2):\n    if x>5: y=sin(y)\nw+=1\nz=y",
    "for some rows": "y=x*1\nw=y\nfor k in range(2):\n    if x>1: y=y*2\nw+=1\nz=y",
    "an item": "y=x*1\nv=[]\nv.append(y)\nfor k in range(2):\n    if x>1: y=y*2\nv[0].add_(1)\nz=y",
    "an item of two lists": "y=x*1\nu=[]\nv=[y]\nu+=v\n"
    "for k in range(2):\n    if x>5: y=y*2\nu[0].add_(1)\nz=y",
    "an attribute": "class C:\n    def __init__(self,a): self.a=a\n    def add(self): self.a.add_(1)\n"
    "y=x*1\nc=C(y)\nfor k in range(2):\n    if x>1: y=y*2\nc.add()\nz=y+c.a",
    "a result": "def f(a):\n    if a>0: return a\n    return a\ny=x*1\nw=f(y)\nw.add_(1)\nz=y",
    "a result for some rows": "def f(a):\n    if a>1: return a\n    return a*1\ny=x*1\nw=f(y)\nw+=1\nz=y",
    "a choice": "y=x*1\nfor k in range(2): pass\nw=y if x>1 else y*1\nw+=1\nz=y",
    "a view of a part": "m=tensor([1.,2.])*x\nv=m[0]\nfor k in range(int(n)): v=v*1\nm[0]=5\nz=v+m.sum()",
    "a view": "m=tensor([1.,2.])*x\nv=m.view(2)\n"
    "for k in range(2):\n    if x>1: m=m*2\nv.mul_(3)\nz=(v+m).sum()",
}

UNRECORDED = {
    "chosen": "y=x*2\nw=x*3\nfor k in range(1): pass\nwith no_grad():\n    if x>1: y=w\nz=y*x",
    "returned": "y=x*2\nw=x*3\ndef f(a,b):\n    if a>1: return a\n    return b\n"
    "with no_grad(): y=f(y,w)\nz=y*x",
    "a leaf": "w=0.5*x\nwith no_grad(): x-=1\nz=x*w",
    "a leaf in a loop": "w=3*x\nk=0\nwith no_grad():\n    while k<n/3:\n        x-=2\n        k=k+1\nz=x*n+w",
}


@pytest.mark.parametrize("name", UNRECORDED)
def test_what_is_done_outside_of_recording_keeps_a_history(name):
    _as_row_by_row(UNRECORDED[name] + "+0*n")


OWN_RULES = {
    "a rule of its own": "def f(a): return a**3\n@backward(f)\ndef g(a,c): return 7*c\nz=f(x)*x",
    "what is copied": "w=x*1\nq=x.detach()*2\nw.copy_(q)\nz=w*x",
    "a comparison in place": "m=tensor([1.,2.])*x\nm.gt_(n)\nz=(m*x).sum()",
}


@pytest.mark.parametrize("name", OWN_RULES)
def test_rules_of_the_program_are_those_of_each_row(name):
    _as_row_by_row(OWN_RULES[name] + "+0*n")


@pytest.mark.parametrize("name", ALIASES)
def test_what_is_written_by_one_name_is_written_for_all_that_a_row_has_for_it(name):
    _as_row_by_row(ALIASES[name] + "+0*n")


def _as_row_by_row(program):
    rows = pa.table({"x": [0.5, -0.5, 1.2, 2.0], "n": [0.0, 3.0, 0.0, 7.0]})
    found = gradcli.map(program, rows, wrt=["x"]).to_pylist()
    for row in found:
        alone = gradcli.evaluate(program, {"x": row["x"], "n": row["n"]}, wrt=["x"])
        assert row["z"] == pytest.approx(float(alone.values["z"]), rel=1e-13)
        assert row["dz/dx"] == pytest.approx(float(alone.grads["x"]), rel=1e-13)


def test_what_was_written_in_place_keeps_its_history_in_the_branch_that_comes_second(monkeypatch):
    program = "s=x*1\nfor k in range(2, n): s*=cos(x)\nif n>20: s+=x\nelse: s*=x\nz=s*x"
    rows = table(12)
    found, _ = mapped(program, rows, monkeypatch, wrt=["x"])
    for at, row in enumerate(rows.to_pylist()):
        alone = gradcli.evaluate(program, row, wrt=["x"])
        assert found["dz/dx"][at] == pytest.approx(float(alone.grads["x"]), rel=1e-11)


def test_what_some_rows_wrote_in_place_stays_when_all_others_have_left(monkeypatch):
    program = (
        "s=x*1\nu=x*n*0.05\nfor k in range(3):\n    if u<=0.3:\n        s*=tanh(x)\n    else:\n"
        "        continue\n    u=u+0.2\nz=s*x"
    )
    rows = table(24)
    found, _ = mapped(program, rows, monkeypatch, wrt=["x"])
    for at, row in enumerate(rows.to_pylist()):
        alone = gradcli.evaluate(program, row, wrt=["x"])
        assert found["z"][at] == pytest.approx(float(alone.values["z"]), rel=1e-12)
        assert found["dz/dx"][at] == pytest.approx(float(alone.grads["x"]), rel=1e-11)
