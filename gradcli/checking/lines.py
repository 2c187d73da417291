"""Lines as `gradcli diff` writes them, checked: matrices, products with directions, named parts, sizes.

`gradcli.checking.runner` comes here with claims that say more than what one name's derivative is by another.
Each is compared with the derivative that `evaluate` computes, at random points of the declared shapes; a
direction and gradient weights, which only the formula has a name for, are random too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checking.chain import CLAIMED, with_formula
from gradcli.checking.claims import parse_claim
from gradcli.checking.comparing import Settings
from gradcli.checking.points import Domain
from gradcli.checking.results import FAIL, PASS, UNPROVEN, Check, plural
from gradcli.checking.trees import free_names
from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate, evaluation
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran, at_work, begun
from gradcli.formula.points import answer, random_inputs
from gradcli.formula.stage import Shapes
from gradcli.formula.tree import Label
from gradcli.syntax import tree
from gradcli.syntax.parser import parse

POINTS = 8
"""At how many points a line is tried."""

SIZE = 2
"""The size of the first named dim that no value has; each further one is larger by one."""

CALL = re.compile(r"(hvp|jvp|taylor)\((.*)\)")
REMAINDER = re.compile(
    r"#\s*\+?\s*O\(\s*(?:(\w+)|\((\w+)\s*-\s*(.+)\)|\((\w+)\s*\+\s*(.+)\))(?:\*\*(\d+))?\s*\)"
)


def separate(text: str) -> list[str]:
    """The claims of a text, by lines or with `;` between; one claim where a line names a part for others."""
    lines = [line.strip() for line in text.replace(";", "\n").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if any(_named_part(line) for line in lines):
        return ["\n".join(lines)]
    return lines or [text]


def _named_part(line: str) -> bool:
    left, _, formula = line.partition(" = ")
    return left.strip().isidentifier() and bool(formula)


def is_line(text: str) -> bool:
    """Whether a claim says more than what a derivative by a name is."""
    return "\n" in text.strip() or CALL.match(text.strip()) is not None


class Lines:
    """Claims about one program, as `gradcli diff` writes them.

    Args:
        source, module: the program.
        shapes: of inputs, as numbers and names; those that have neither a shape nor a value are numbers.
        domains: where inputs lie that have no value, by name.
        everywhere: where the others lie.
        options: of the evaluation, the inputs that have values among them.
        settings: tolerance, number of points, seed.
    """

    def __init__(
        self,
        source: str,
        module: tree.Module,
        shapes: Mapping[str, str],
        domains: Mapping[str, Domain],
        everywhere: Domain | None,
        options: Options,
        settings: Settings,
    ) -> None:
        self.source, self.module, self.options, self.settings = source, module, options, settings
        self.domains, self.everywhere = domains, everywhere
        self.inputs = dict(options.inputs or {})
        self.shapes = Shapes({name: dims for name, dims in shapes.items() if name not in self.inputs})
        self.sizes = self._sizes(Shapes(shapes))
        self.asked = {
            name: getattr(options, name)
            for name in ("wrt", "roots", "dtype", "freeze")
            if getattr(options, name)
        }

    def check(self, text: str) -> Iterator[Check]:
        """A check for each line of what `separate` gave; lines that name parts belong to those below them.

        Raises:
            GradcliError: a line or the program is invalid.
        """
        parts: list[str] = []
        for line in text.splitlines():
            if _named_part(line):
                parts.append(line)
                continue
            left, _, formula = line.partition(" = ")
            yield self._checked(line, left.strip(), formula.strip(), parts)

    # ---- points ----

    def points(self) -> Iterator[dict[str, Any]]:
        """Random values of the inputs without values, and the sizes that the program reads."""
        free = free_names(self.module)
        for point in self._points(self._free()):
            yield {name: value for name, value in point.items() if name in free and name not in self.inputs}

    def _sizes(self, shapes: Shapes) -> dict[str, int]:
        """What the named dims are: the sizes of the values that have them, else small numbers."""
        found: dict[str, int] = {}
        for name, dims in shapes.declared.items():
            if name not in self.inputs:
                continue
            value = evaluate(name, {name: self.inputs[name]}, wrt=[]).values[name]
            have = np.shape(value)
            if len(have) != len(dims):
                raise GradcliError("shape", f"{name} has shape {list(have)}, and is declared as {list(dims)}")
            for dim, size in zip(dims, have, strict=True):
                if found.setdefault(str(dim), size) != size or (isinstance(dim, int) and dim != size):
                    raise GradcliError(
                        "shape", f"the dim {dim} of {name} is {size}, elsewhere {found[str(dim)]}"
                    )
        names = [name for name in shapes.sizes if name not in found]
        return {**found, **{name: SIZE + at for at, name in enumerate(names)}}

    def _free(self) -> dict[str, tuple[int, ...]]:
        """The inputs without values, with their shapes."""
        sizes = dict(self.sizes)
        names = [name for name in free_names(self.module) if name not in self.inputs]
        declared = self.shapes.declared
        return {
            name: self.shapes.shape(name, sizes) if name in declared else ()
            for name in dict.fromkeys((*declared, *names))
            if name not in sizes
        }

    def _points(self, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[dict[str, Any]]:
        for number in range(POINTS):
            # On both sides of 0, and between 0 and 1, where logarithms and inverse functions have values.
            low, high = (-1.5, 1.5) if number % 2 else (0.05, 0.95)
            seed = self.settings.seed * 1000 + number
            found = random_inputs(shapes, seed, low, high)
            for name in shapes:
                own = self.domains.get(name, self.everywhere)
                if own is not None:
                    found[name] = random_inputs({name: shapes[name]}, seed, own.low, own.high, False)[name]
            yield {**{name: float(size) for name, size in self.sizes.items()}, **self.inputs, **found}

    # ---- one line ----

    def _checked(self, line: str, left: str, formula: str, parts: Sequence[str]) -> Check:
        text = " ".join(line.split())
        if not formula:
            raise GradcliError("syntax", f"the line {line!r} has no ' = '")
        if left.startswith("taylor("):
            return self._polynomial(text, left, formula)
        program = self._program(formula, parts)
        found = next(self._points(self._free()))
        probe = evaluation(self.source, self.options.replaced(inputs=found, wrt=[], unused_inputs=True))
        values = {name: np.shape(value) for name, value in probe.values.items()}
        label, question = self._question(left, line, values, probe.roots)
        directions = self._directions(label, values, probe.roots, program)
        shapes = {**self._free(), **{name: values[of] for name, of in directions.items()}}
        told = 0
        for point in self._points(shapes):
            claimed = self._claimed(program, point)
            expected = np.asarray(self._expected(label, question, point, directions), float)
            if np.shape(claimed) != expected.shape:
                try:
                    claimed = np.broadcast_to(claimed, expected.shape)
                except ValueError:
                    message = (
                        f"the derivative has shape {list(expected.shape)} and the formula "
                        f"{list(np.shape(claimed))}"
                    )
                    raise GradcliError("shape", message) from None
            if not (np.isfinite(expected).all() and np.isfinite(claimed).all()):
                continue
            told += 1
            wrong = self._differs(claimed, expected)
            if wrong is not None:
                return self._refuted(text, wrong, claimed, expected, point)
        return self._verdict(text, told)

    def _verdict(self, text: str, told: int) -> Check:
        if not told:
            return Check("claim", text, UNPROVEN, "no point could tell", details={"points": 0})
        return Check(
            "claim", text, PASS, f"holds at {plural(told, 'random point')}", details={"points": told}
        )

    def _refuted(
        self, text: str, index: tuple[int, ...], claimed: Any, expected: Any, point: Mapping[str, Any]
    ) -> Check:
        numbers = {name: value for name, value in point.items() if type(value) is float}
        at = ", ".join(f"{name} = {value:.6g}" for name, value in numbers.items()) or "a random point"
        where = f", index {list(index)}" if index else ""
        message = (
            f"at {at}{where} the claim says {claimed[index]:.10g}, the derivative is {expected[index]:.10g}"
        )
        details = {"claimed": float(claimed[index]), "derivative": float(expected[index])}
        return Check("claim", text, FAIL, message, details=details)

    def _differs(self, claimed: Any, expected: Any) -> tuple[int, ...] | None:
        """The element at which both differ most, if they do."""
        tolerance = self.settings.tolerance
        scale = float(np.max(np.abs(expected), initial=0.0))
        allowed = tolerance.absolute + max(tolerance.relative, 1e-9) * np.maximum(np.abs(expected), scale)
        beyond = np.asarray(np.abs(claimed - expected) - allowed)
        if not beyond.size or not bool((beyond > 1e-13).any()):
            return None
        return tuple([int(each) for each in np.unravel_index(int(np.argmax(beyond)), beyond.shape)])

    def _program(self, formula: str, parts: Sequence[str]) -> tree.Module:
        """The program, the named parts and the formula."""
        whole = with_formula(self.module, formula)
        between = parse("\n".join(parts)) if parts else None
        if between is None:
            return whole
        body = (*whole.body[:-1], *between.body, whole.body[-1])
        return tree.Module(whole.span, body, max(whole.depth, between.depth + 1))

    def _claimed(self, program: tree.Module, point: Mapping[str, Any]) -> Any:
        options = self.options.replaced(inputs=point, wrt=[], roots=None, weights=None, unused_inputs=True)
        runtime = begun(self.source, options)
        with at_work(runtime):
            ran = Ran(program, options, runtime)
            value = ran.runtime.names[CLAIMED]
            if isinstance(value, (list, tuple)):
                value = ran.session.tensor(list(value))
            if isinstance(value, (int, float)):
                return np.asarray(float(value))
            if type(value) is not Tensor:
                raise GradcliError("bad-argument", "the formula has no number for a value")
            return np.asarray(ran.session.value(value), float)

    def _expected(
        self,
        label: Label,
        question: Mapping[str, Any],
        point: Mapping[str, Any],
        directions: Mapping[str, str],
    ) -> Any:
        asked = {**self.asked, **question}
        if label.kind in ("hvp", "jvp"):
            asked[label.kind] = {of: point[name] for name, of in directions.items()}
        elif label.kind == "grad" and self.options.weights is not None:
            asked["weights"] = self.options.weights
        elif label.kind == "grad" and directions:
            by_root = {root: name for name, root in directions.items()}
            asked["weights"] = [point[by_root[root]] for root in label.of.split(", ")]
        result = evaluate(self.source, dict(point), **asked, write=lambda text: None, unused_inputs=True)
        return answer(result, label, question)

    # ---- what a line is about ----

    def _question(
        self, left: str, line: str, values: Mapping[str, tuple[int, ...]], roots: Sequence[str]
    ) -> tuple[Label, dict[str, Any]]:
        """What the left side says, and what `evaluate` is asked for it."""
        call = CALL.fullmatch(left)
        if call is not None:
            *of, last = [each.strip() for each in call.group(2).split(",")]
            if len(of) < (2 if call.group(1) == "hvp" else 1):
                raise GradcliError(
                    "syntax", f"{left!r} is no product with a direction: hvp(f, x, v), jvp(y, v)"
                )
            if call.group(1) == "hvp":
                return Label(", ".join(of[:-1]), (of[-1], last), "hvp"), {}
            return Label(", ".join(of), (last,), "jvp"), {}
        numbered = re.fullmatch(r"d(\d*)(\w+\[\d+\])/(.*)", left)
        if numbered is not None:  # one of a list of roots
            order, root, below = numbered.groups()
            claim = parse_claim(f"d{order}_root_/{below} = 0", [*values, "_root_"])
        else:
            claim = parse_claim(line, [*values, *roots])
            root = claim.root or ", ".join(roots)
        wrt = claim.wrt
        if claim.root is None:
            return Label(root, wrt, "grad"), {}
        shape = values.get(root, ())
        if root not in roots:
            self.asked["roots"] = [root]
        if len(wrt) == 1:
            return Label(root, wrt), {"jacobian": True} if shape else {}
        if any(values.get(name, ()) for name in wrt):
            return Label(root, wrt), {"hessian": True}
        if len(set(wrt)) == 1:
            return Label(root, wrt), {"order": len(wrt)}
        return Label(root, wrt), {"partials": [list(wrt)]}

    def _directions(
        self,
        label: Label,
        values: Mapping[str, tuple[int, ...]],
        roots: Sequence[str],
        program: tree.Module,
    ) -> dict[str, str]:
        """What only the formula has a name for: directions, and of which name each; or weights of roots."""
        read = free_names(program)
        wrt = self.asked.get("wrt")
        leaves = list(wrt) if wrt else [name for name in free_names(self.module) if name in values]
        if label.kind in ("hvp", "jvp"):
            base = label.wrt[-1]
            if any(f"{base}_{name}" in read for name in leaves):
                return {f"{base}_{name}": name for name in leaves}
            if label.kind == "hvp":
                return {base: label.wrt[0]}
            if len(leaves) != 1:
                raise GradcliError(
                    "bad-argument",
                    f"{label.text} does not say of which name {base} is the direction",
                    hint="name it with --wrt",
                )
            return {base: leaves[0]}
        if label.kind == "grad" and self.options.weights is None:
            known = {*free_names(self.module), *self.inputs, *self.sizes}
            names = [name for name in read if name not in known]
            if len(names) == len(roots) == 1:
                return {names[0]: roots[0]}
            for name, root in ((name, root) for name in names for root in roots):
                if name.endswith(f"_{root}"):
                    base = name.removesuffix(f"_{root}")
                    return {f"{base}_{each}": each for each in roots}
        return {}

    # ---- Taylor polynomials ----

    def _polynomial(self, text: str, left: str, formula: str) -> Check:
        """`taylor(f, x) = …  # + O((x - a)**n)`: its derivatives below the n-th at a are those of f."""
        root, _, name = [each.strip() for each in left[len("taylor(") : -1].rpartition(",")]
        polynomial, hash_, remainder = formula.partition("#")
        found = REMAINDER.fullmatch((hash_ + remainder).strip())
        if found is None or name not in (found.group(1), found.group(2), found.group(4)):
            raise GradcliError(
                "syntax",
                f"the polynomial {left} has no remainder that says its order",
                hint=f"write it as in '{left} = 1 + {name}  # + O({name}**2)'",
            )
        at = found.group(3) or (f"-({found.group(5)})" if found.group(5) else "0")
        order = int(found.group(6) or 1)
        told = 0
        others = free_names(parse(f"({polynomial}) + {at}"))
        for point in self._points({**dict.fromkeys(others, ()), **self._free()}):
            there = evaluate(f"at = {at}", point, wrt=[], unused_inputs=True).values["at"]
            inputs = {**point, name: float(there)}
            asked: dict[str, Any] = {"wrt": [name], "unused_inputs": True}
            if order > 1:
                asked["order"] = order - 1
            true = evaluate(self.source, inputs, **{**self.asked, **asked}, write=lambda text: None)
            says = evaluate(f"claimed = 0*{name} + ({polynomial})", inputs, **asked)
            true_root = root if root in true.values else true.roots[0]
            expected = np.array([float(true.values[true_root]), *_orders(true, name, order)])
            claimed = np.array([float(says.values["claimed"]), *_orders(says, name, order)])
            if not (np.isfinite(expected).all() and np.isfinite(claimed).all()):
                continue
            told += 1
            wrong = self._differs(claimed, expected)
            if wrong is not None:
                (k,) = wrong
                message = (
                    f"at {name} = {float(there):.6g} the claim's derivative of order {k} is "
                    f"{claimed[k]:.10g}, that of {true_root} is {expected[k]:.10g}"
                )
                return Check("claim", text, FAIL, message)
        return self._verdict(text, told)


def _orders(result: Any, name: str, order: int) -> list[float]:
    return [float(each) for each in result.orders[name]] if order > 1 else []
