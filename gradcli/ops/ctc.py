"""Connectionist temporal classification: the probability of a text over all its alignments with a signal.

The forward recursion of Graves et al. (2006), in logarithms, over the text with a blank around each letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.indexing import along_last, element, section
from gradcli.ops.joining import concatenate, stacked
from gradcli.ops.losses import LOSS, by_reduction, reduced
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer
from gradcli.ops.softmax import logsumexp
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import Node, Operand, leaf
from gradcli.tape.primitives import as_node, require_float, reshape_to, where
from gradcli.tape.promote import torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEVER = -1e30
"""The logarithm of a probability that is zero, finite so that differences of it are."""


def _lengths(given: Any, count: int, name: str) -> Any:
    from gradcli.engine.run import value

    lengths = np.asarray(value(given) if isinstance(given, Node) else given).reshape(-1)
    if lengths.size and lengths.dtype.kind not in "iu":
        raise GradcliError("dtype", f"{name} must be integral")
    if len(lengths) != count:
        raise GradcliError("shape", f"{name} must be of size batch_size")
    if lengths.min(initial=0) < 0:
        raise GradcliError(
            "bad-argument", f"Expected {name} to have value at least 0, but got value {lengths.min()}"
        )
    return lengths.astype(np.int64)


def _texts(targets: Node, lengths: Any) -> list[Any]:
    """The letters of each text, from rows or from one text after the other."""
    from gradcli.engine.run import value

    array = np.asarray(value(targets)).astype(np.int64)
    longest, all_of_them = int(lengths.max(initial=0)), int(lengths.sum())
    wanted = len(lengths) if array.ndim == 2 else all_of_them
    if len(array) != wanted:
        raise _unfit(f"{wanted} at dimension 0, but got size {len(array)}")
    if array.ndim != 2:
        return np.split(array, np.cumsum(lengths)[:-1])
    if array.shape[1] < longest:
        raise _unfit(f"at least {longest} at dimension 1, but got size {array.shape[1]}")
    return [row[:length] for row, length in zip(array, lengths, strict=True)]


def _unfit(size: str) -> GradcliError:
    return GradcliError("shape", f"Expected tensor to have size {size} for argument #2 'targets'")


def _name(call: Mapping[str, Any]) -> str:
    if call["reduction"] == "none" and as_node(call["log_probs"]).ndim == 2:
        return "SqueezeBackward1"
    return by_reduction("Mean", "Sum", "Where" if call["zero_infinity"] else "CtcLoss")(call)


@function(LOSS, "ctc_loss", method=False, grad_fn=_name)
def ctc_loss(
    log_probs: Operand,
    targets: Operand,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Node:
    """-log of the probability of each target under log_probs of shape (T, N, C), over all alignments"""
    x, texts = require_float(log_probs, "ctc_loss"), as_node(targets)
    if x.dtype.itemsize == 2:
        raise GradcliError("dtype", f"\"ctc_loss_cpu\" not implemented for '{torch_name(x.dtype)}'")
    if x.ndim not in (2, 3):
        raise GradcliError("shape", f"ctc_loss: log_probs must have 2 or 3 dims, not {x.ndim}")
    if texts.ndim not in (1, 2):
        raise GradcliError(
            "shape",
            f"Expected 1 to 2 dimensions, but got {texts.ndim}-dimensional tensor for argument #2 'targets'",
        )
    if not x.size:
        raise GradcliError("shape", "log_probs tensor must not be empty")
    single = x.ndim == 2
    if single:
        x, texts = reshape_to(x, (x.shape[0], 1, x.shape[1])), reshape_to(texts, (1, texts.size))
    steps, batch, classes = x.shape
    empty = integer(blank, "blank")
    if not 0 <= empty < classes:
        raise GradcliError("bad-argument", "blank must be in label range")
    heard = _lengths(input_lengths, batch, "input_lengths")
    said = _lengths(target_lengths, batch, "target_lengths")
    if heard.max(initial=0) > steps:
        raise GradcliError(
            "bad-argument",
            f"Expected input_lengths to have value at most {steps}, but got value {heard.max()}",
        )
    letters = np.full((batch, 2 * int(said.max(initial=0)) + 1), empty)
    for row, text in zip(letters, _texts(texts, said), strict=True):
        row[1 : 2 * len(text) : 2] = text
    if letters.min() < 0 or letters.max() >= classes:
        raise GradcliError("bad-argument", "targets must be in label range")
    nll = _negative_log_likelihood(x, letters, heard, said)
    # PyTorch's gradient is that by what a log_softmax was taken of: the probabilities are added to it.
    inside = leaf((np.arange(steps)[:, None] < heard)[..., None])
    mass = total(where(inside, e.exp(x), 0.0), (-3, -1))
    nll = primitives.add(nll, primitives.sub(mass, detached(mass)))
    # What cannot be: its gradient is none either, unless zero is asked for.
    never = 0.0 if zero_infinity else primitives.mul(nll, float("inf"))
    nll = where(e.gt(nll, -_NEVER / 2), never, nll)
    if reduction == "mean":
        nll = primitives.div(nll, leaf(np.maximum(said, 1).astype(x.dtype)))
    result = reduced(nll, reduction)
    return reshape_to(result, ()) if single else result


def _negative_log_likelihood(x: Node, letters: Any, heard: Any, said: Any) -> Node:
    """For each text, minus the logarithm of the sum over the paths through its letters and blanks."""
    batch, places = letters.shape
    emitted = along_last(x, leaf(letters))
    first = np.arange(places) < 2
    alpha = where(leaf(first & (np.arange(places) < 2 * said[:, None] + 1)), element(emitted, -3, 0), _NEVER)
    jumps = np.zeros(letters.shape, bool)  # over a blank, from a letter to another
    jumps[:, 2:] = letters[:, 2:] != letters[:, :-2]  # blanks are all the same
    never = leaf(np.full((batch, 2), _NEVER, x.dtype))
    reached = [alpha]
    for step in range(1, x.shape[0]):
        back = concatenate([never, alpha], -1)
        ways = [
            alpha,
            section(back, -1, 1, places + 1),
            where(leaf(jumps), section(back, -1, 0, places), _NEVER),
        ]
        alpha = primitives.add(logsumexp(stacked(ways, -1), -1), element(emitted, -3, step))
        reached.append(alpha)
    rows = stacked(reached, -2)  # text, step, place
    last = np.maximum(heard - 1, 0)
    ends = np.stack([2 * said, np.maximum(2 * said - 1, 0)], -1) + (last * places)[:, None]
    chosen = along_last(reshape_to(rows, (batch, x.shape[0] * places)), leaf(ends))
    counted = np.stack([np.ones(batch, bool), said > 0], -1)
    nll = primitives.neg(logsumexp(where(leaf(counted), chosen, _NEVER), -1))
    # Where nothing is heard, nothing was said for sure.
    silent = leaf(np.where(said > 0, -_NEVER, 0.0).astype(x.dtype))
    return nll if heard.all() else where(leaf(heard == 0), silent, nll)
