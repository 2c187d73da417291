"""Printed functions, run: the derivative of a program in NumPy, JAX, PyTorch (where installed) and C."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from gradcli.formula.derivative import Derivative
from gradcli.formula.printers.signature import Signature

Inputs = dict[str, Any]


def available() -> list[str]:
    """The syntaxes that can be run here, besides the language."""
    found = [
        name
        for name, package in (("numpy", "numpy"), ("jax", "jax"), ("torch", "torch"))
        if find_spec(package)
    ]
    return [*found, *(["c"] if shutil.which("cc") else [])]


def python_values(derivative: Derivative, syntax: str, inputs: Inputs) -> list[np.ndarray]:
    """The results of the printed Python function, in the order of the lines."""
    space: dict[str, Any] = {}
    exec(compile(derivative.write(syntax), f"<{syntax}>", "exec"), space)
    converted = {name: _converted(value, syntax) for name, value in inputs.items()}
    names = Signature.of(derivative.formula).names
    found = space["derivative"](**{name: converted[name] for name in names})
    return [np.asarray(each, float) for each in (found if isinstance(found, tuple) else (found,))]


def _converted(value: Any, syntax: str) -> Any:
    if isinstance(value, int):
        return value
    if syntax == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        return jax.numpy.asarray(value)
    if syntax == "torch":
        import torch

        return torch.tensor(np.asarray(value, float))
    return value


def compiled(derivatives: list[Derivative], folder: Path) -> list[Any]:
    """The printed C functions, compiled without a warning into one library; a function of inputs for each."""
    sources = []
    for at, derivative in enumerate(derivatives):
        text = derivative.write("c")
        own = "|".join(["derivative", *re.findall(r"^static \w+ \*?(\w+)\(", text, flags=re.M)])
        sources.append(re.sub(rf"\b({own})\(", rf"\1_{at}(", text))
    # One file, since each costs more than what is in it; what includes more than the others stands last.
    sources.sort(key=lambda text: text.count("#include"))
    path = folder / "formulas.c"
    path.write_text("\n".join(sources))
    library = folder / "formulas.so"
    command = [
        "cc",
        "-std=c99",
        "-Wall",
        "-Werror",
        "-O1",
        "-fPIC",
        "-shared",
        "-o",
        str(library),
        str(path),
        "-lm",
    ]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(library))
    return [_called(loaded[f"derivative_{at}"], each) for at, each in enumerate(derivatives)]


def _called(function: Any, derivative: Derivative) -> Any:
    formula = derivative.formula
    signature = Signature.of(formula)
    single = len(formula.results) == 1 and not formula.results[0].value.shape

    def call(inputs: Inputs) -> list[np.ndarray]:
        sizes: dict[str, int] = {}
        arguments: list[Any] = []
        kept: list[np.ndarray] = []
        for name, dims in signature.shapes.items():
            sizes.update(zip(dims, np.shape(inputs[name]), strict=True))
            if dims:
                kept.append(np.ascontiguousarray(inputs[name], float))
                arguments.append(kept[-1].ctypes.data_as(ctypes.POINTER(ctypes.c_double)))
            elif name in formula.inputs:
                arguments.append(ctypes.c_double(float(inputs[name])))
            else:
                arguments.append(ctypes.c_size_t(int(inputs[name])))
        named = {each for dims in signature.shapes.values() for dim in dims for each in dim.split()}
        leading = [ctypes.c_size_t(sizes[each]) for each in formula.sizes.values() if each in named]
        function.restype = ctypes.c_double if single else None
        if single:
            return [np.asarray(function(*leading, *arguments))]
        shapes = [[_size(each, sizes) for each in dims] for dims in signature.results.values()]
        found = [np.full(shape, np.nan) for shape in shapes]
        function(
            *leading, *arguments, *[each.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for each in found]
        )
        return found

    return call


def _size(text: str, sizes: dict[str, int]) -> int:
    return int(eval(text, {"__builtins__": {}}, sizes))
