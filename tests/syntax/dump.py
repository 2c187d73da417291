"""Writes syntax trees as one line of brackets, for the tests to compare."""

from __future__ import annotations

from gradcli.syntax import tree


def _fields(node: tree.Field) -> str:
    text = "" if node.text is None else f"={node.text!r}"
    conversion = "" if node.conversion is None else f"!{node.conversion}"
    spec = "" if node.spec is None else f":{dump(node.spec)}"
    return f"{{{dump(node.value)}{text}{conversion}{spec}}}"


def _block(body: tuple[tree.Statement, ...]) -> str:
    return f"({' '.join(map(dump, body))})"


def _parameter(node: tree.DefParameter) -> str:
    mark = "*" if node.star else "|" if node.keyword_only else ""
    return f"{mark}{node.name}" + ("" if node.default is None else f"={dump(node.default)}")


def _bound(names: tuple[tuple[str, str | None], ...]) -> list[str]:
    return [name if bound is None else f"{name}={bound}" for name, bound in names]


def dump(node: tree.Syntax | None) -> str:
    """`node` and all below it."""
    match node:
        case None:
            return "_"
        case tree.Literal():
            return "..." if node.value is ... else repr(node.value)
        case tree.Name():
            return node.name
        case tree.Field():
            return _fields(node)
        case tree.Keyword():
            return f"{node.name}={dump(node.value)}"
        case tree.ExpressionStatement():
            return dump(node.value)
        case tree.FunctionDefinition():
            made = f"(def {node.name} ({' '.join(map(_parameter, node.parameters))}) {_block(node.body)})"
            return f"(@ {' '.join(map(dump, node.decorators))} {made})" if node.decorators else made
        case _:
            return f"({' '.join(_parts(node))})"


def _parts(node: tree.Syntax) -> list[str]:
    match node:
        case tree.FString(_, parts):
            return ["f", *(repr(part) if isinstance(part, str) else dump(part) for part in parts)]
        case tree.ListDisplay(_, items):
            return ["list", *map(dump, items)]
        case tree.TupleDisplay(_, items):
            return ["tuple", *map(dump, items)]
        case tree.Unary():
            return [node.operator, dump(node.operand)]
        case tree.Chain(_, first, links) | tree.Comparison(_, first, links):
            kind = "chain" if isinstance(node, tree.Chain) else "compare"
            return [kind, dump(first), *(f"{link.operator} {dump(link.operand)}" for link in links)]
        case tree.Logical():
            return [node.operator, *map(dump, node.operands)]
        case tree.Conditional():
            return ["if", dump(node.test), dump(node.then), dump(node.otherwise)]
        case tree.Starred():
            return ["*", dump(node.value)]
        case tree.Call():
            return ["call", dump(node.function), *map(dump, node.arguments), *map(dump, node.keywords)]
        case tree.Attribute():
            return [".", dump(node.value), node.name]
        case tree.Slice():
            return ["slice", dump(node.start), dump(node.stop), dump(node.step)]
        case tree.Index():
            return ["index", dump(node.value), dump(node.index)]
        case tree.Assignment():
            return ["=", *map(dump, node.targets), dump(node.value)]
        case tree.AugmentedAssignment():
            return [f"{node.operator}=", dump(node.target), dump(node.value)]
        case tree.If():
            parts = [f"{dump(test)} {_block(body)}" for test, body in node.branches]
            return ["if", *parts, *(["else", _block(node.otherwise)] if node.otherwise else [])]
        case tree.While():
            return ["while", dump(node.test), _block(node.body)]
        case tree.For():
            return ["for", dump(node.target), dump(node.iterable), _block(node.body)]
        case tree.ClassDefinition():
            made = ["class", node.name, f"({' '.join(map(dump, node.bases))})", _block(node.body)]
            return [*(f"@{dump(each)}" for each in node.decorators), *made]
        case tree.Yield():
            return ["yield from" if node.every else "yield", dump(node.value)]
        case tree.Return():
            return ["return", *([] if node.value is None else [dump(node.value)])]
        case tree.Assert():
            return ["assert", dump(node.test), *([] if node.message is None else [dump(node.message)])]
        case tree.With():
            return ["with", f"({' '.join(map(dump, node.contexts))})", _block(node.body)]
        case tree.Import():
            return ["import", *_bound(node.modules)]
        case tree.FromImport():
            return ["from", node.module, *_bound(node.names)]
        case _:
            return [type(node).__name__.lower()]
