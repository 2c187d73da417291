"""`nn.Module`: what holds parameters, and is called to compute something from them.

Modules are objects of the language (`gradcli.values.objects`); `layers` and `containers` make the others from
the base that stands here. What a module holds are attributes like any others: parameters are tensors that
`Parameter` made, modules are objects whose class is made from `Module`, and `state` remembers the names of
buffers.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError, failure
from gradcli.limits import DEEP_CALLS, MOST_CALLS
from gradcli.neural.hooks import around, hook
from gradcli.record import Record
from gradcli.tape.node import Version
from gradcli.values.conversions import truth
from gradcli.values.dtypes import dtype_name, numpy_dtype
from gradcli.values.formatting import show, type_name
from gradcli.values.objects import ABSENT, PARAMETERS, ClassValue, Decorated, Instance, Ordered
from gradcli.values.values import Builtin, DType, TypeFunction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- parameters ----------------------------------------------------------------------------------


def apply(runtime: Runtime, name: str, *arguments: Any, **keywords: Any) -> Any:
    """Calls a function of the function table."""
    return runtime.session.apply(row(name), arguments, keywords)


def apply_as(runtime: Runtime, label: str, name: str, *arguments: Any) -> Any:
    """As `apply`, of a result whose `grad_fn` has another name."""
    own = copy(row(name))
    own.grad_fn, own.naming = label, None
    return runtime.session.apply(own, arguments, {})


def called(runtime: Runtime, span: Span, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
    """What a module, a class or a function of the program gives for these arguments."""
    return runtime.call(function, arguments, keywords, span)


def parameter(runtime: Runtime, array: Any, requires_grad: bool = True, writes: int = 0) -> Tensor:
    """A leaf from an array, marked as a parameter, which PyTorch makes by so many in-place operations."""
    made = runtime.session.leaf(array, requires_grad)
    if writes:
        made.node.version = Version(writes)
    return mark(made)


def mark(tensor: Tensor) -> Tensor:
    """Makes a tensor known as a parameter."""
    PARAMETERS.add(tensor)
    return tensor


def is_parameter(value: Any) -> bool:
    """Whether a value is a tensor that `nn.Parameter` made."""
    return type(value) is Tensor and value in PARAMETERS


def as_parameter(runtime: Runtime, span: Span, data: Any = None, requires_grad: Any = True) -> Tensor:
    session = runtime.session
    if data is None:
        data = []
    if type(data) is not Tensor:
        data = session.tensor(data)
    alias = session.detach(data)
    if truth(runtime, requires_grad, span):
        session.set_requires_grad(alias, True)
    return mark(alias)


PARAMETER = TypeFunction("torch.nn.parameter.Parameter", as_parameter, is_parameter)


class Held(Record):
    """The attributes of a module as what it computes needs them: the program may have taken one away."""

    owner: Instance

    def __getitem__(self, name: str) -> Any:
        found = self.owner.attributes.get(name, ABSENT)
        if found is ABSENT:
            computed = self.owner.cls.find(name)
            if type(computed) is Decorated and type(computed.function) is Builtin:  # it is parametrised
                return computed.function.run(None, (0, 0), self.owner)
            raise GradcliError("unknown-name", f"'{self.owner.cls.name}' object has no attribute '{name}'")
        return found


# ---- what a module holds -------------------------------------------------------------------------


def is_module(value: Any) -> bool:
    """Whether a value is an object of a class made from `nn.Module`."""
    return type(value) is Instance and MODULE in value.cls.order


def children(module: Instance) -> list[tuple[str, Instance]]:
    """The modules that are attributes of a module."""
    return [(name, each) for name, each in module.attributes.items() if is_module(each)]


def modules(module: Instance, prefix: str = "") -> Iterator[tuple[str, Instance]]:
    """The module and all below it, each once, with their names."""
    seen: set[int] = set()
    pending = [(prefix, module)]
    while pending:
        path, each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield path, each
        inside = [(f"{path}.{name}" if path else name, part) for name, part in children(each)]
        pending.extend(reversed(inside))


@contextmanager
def nested(runtime: Runtime, span: Span) -> Iterator[None]:
    """Counts a call inside a call, so that modules in modules end before Python's stack does."""
    most = MOST_CALLS if runtime.deep else DEEP_CALLS
    if runtime.depth >= most:
        raise GradcliError("limit", f"modules nest deeper than {most} calls", span=span)
    runtime.limits.step(span)
    runtime.depth += 1
    try:
        yield
    finally:
        runtime.depth -= 1


def held(
    runtime: Runtime, module: Instance, kind: str, prefix: str = "", recurse: bool = True
) -> Iterator[tuple[str, Tensor]]:
    """The parameters or buffers of a module and of those below, each once; `saved` buffers go into states.

    The kinds are `parameters`, `buffers` and `saved`.
    """
    seen: set[int] = set()
    for path, each in modules(module, prefix) if recurse else [(prefix, module)]:
        buffers = each.state.get("buffers", ())
        if kind == "saved":
            buffers = [name for name in buffers if name not in each.state.get("transient", ())]
        for name, value in list(each.attributes.items()):
            fits = is_parameter(value) if kind == "parameters" else name in buffers
            if fits and type(value) is Tensor and id(value) not in seen:
                seen.add(id(value))
                yield (f"{path}.{name}" if path else name), value


def parameters(runtime: Runtime, module: Instance) -> list[Tensor]:
    """The parameters of a module and of those below it."""
    return [value for _, value in held(runtime, module, "parameters")]


def _listing(kind: str, named: bool) -> Any:
    def run(runtime: Runtime, span: Span, module: Instance, prefix: Any = "", recurse: Any = True) -> Any:
        if not named:  # the first argument of `parameters` is `recurse`
            recurse, prefix = (prefix if type(prefix) is bool else recurse), ""
        found = list(held(runtime, module, kind, prefix, truth(runtime, recurse, span)))
        return iter(found if named else [value for _, value in found])

    return run


def _found(kind: str) -> Any:
    """A method that gives the module, parameter or buffer of a path."""

    def run(runtime: Runtime, span: Span, module: Instance, target: Any) -> Any:
        *path, name = str(target).split(".") if target else [""]
        for each in [*path, name] if kind == "submodule" else path:
            inner: Any = module.attributes.get(each) if each else module
            if not is_module(inner):
                message = f"{module.cls.name} has no attribute `{each}`"
                raise failure("AttributeError", message, span)
            module = inner
        if kind == "submodule":
            return module
        found = dict(held(runtime, module, f"{kind}s", recurse=False)).get(name)
        if found is None:
            message = f"{module.cls.name} has no attribute `{name}`"
            raise failure("AttributeError", message, span)
        return found

    return run


def _below(found: Callable[[Instance], Iterable[tuple[str, Instance]]], named: bool) -> Any:
    """A method that goes through the modules which `found` gives with their names."""

    def run(runtime: Runtime, span: Span, module: Instance) -> Any:
        return iter([pair if named else pair[1] for pair in found(module)])

    return run


def _state_dict(runtime: Runtime, span: Span, module: Instance, prefix: Any = "") -> Ordered:
    found = Ordered()
    for path, each in modules(module, prefix):
        pairs = [
            *held(runtime, each, "parameters", path, False),
            *held(runtime, each, "saved", path, False),
        ]
        found.update((name, runtime.session.detach(value)) for name, value in pairs)
    return found


def _load_state_dict(
    runtime: Runtime, span: Span, module: Instance, state: Any, strict: Any = True
) -> Instance:
    own = {**dict(held(runtime, module, "parameters")), **dict(held(runtime, module, "saved"))}
    if not isinstance(state, dict):
        message = f"Expected state_dict to be dict-like, got <class '{type_name(state)}'>."
        raise GradcliError("bad-argument", message, span=span)
    # A dict that no module gave knows of no version, and older ones counted no batches.
    counts = () if type(state) is Ordered else ("num_batches_tracked",)
    missing, unexpected = (
        [each for each in own if each not in state and each.rpartition(".")[2] not in counts],
        [each for each in state if each not in own],
    )
    faults = []
    if truth(runtime, strict, span):
        for what, keys in (("Missing", missing), ("Unexpected", unexpected)):
            if keys:
                named = ", ".join([f'"{key}"' for key in keys])
                faults.append(f"{what} key(s) in state_dict: {named}. ")
    for name, value in own.items():
        given = state.get(name, value)
        if type(given) is Tensor and given.shape != value.shape:
            shapes = [f"torch.Size({list(each.shape)})" for each in (given, value)]
            faults.append(
                f"size mismatch for {name}: copying a param with shape {shapes[0]} from checkpoint, "
                f"the shape in current model is {shapes[1]}."
            )
        elif name in state:
            assign(runtime, value, given)
    if faults:
        said = "\n\t".join([f"Error(s) in loading state_dict for {module.cls.name}:", *faults])
        raise GradcliError("bad-argument", said, span=span)
    told = Instance(_KEYS)
    told.attributes.update(missing_keys=missing, unexpected_keys=unexpected)
    return told


def _keys_text(runtime: Runtime, span: Span, keys: Instance) -> str:
    if not any(keys.attributes.values()):
        return "<All keys matched successfully>"
    return f"_IncompatibleKeys({', '.join(f'{name}={each}' for name, each in keys.attributes.items())})"


_KEYS = ClassValue("_IncompatibleKeys", (), {"__repr__": Builtin("__repr__", _keys_text)})
"""What loading a state tells."""


def assign(runtime: Runtime, tensor: Tensor, value: Any) -> None:
    """Gives a tensor another value in place, unrecorded."""
    session = runtime.session
    with session.recorded(False):
        session.assign_in_place(tensor, value if type(value) is Tensor else session.tensor(value), "copy_")


# ---- attributes ----------------------------------------------------------------------------------


def set_attribute(runtime: Runtime, span: Span, module: Instance, name: str, value: Any) -> None:
    held = is_parameter(value) or is_module(value)
    if held and "module" not in module.state:
        what = "parameters" if type(value) is Tensor else "module"
        message = f"cannot assign {what} before Module.__init__() call"
        raise failure("AttributeError", message, span, hint="call super().__init__() first")
    former = module.attributes.get(name)
    if is_parameter(former) and value is not None and not is_parameter(value):
        kind = "torch.FloatTensor" if type(value) is Tensor else type_name(value)
        message = f"cannot assign '{kind}' as parameter '{name}' (torch.nn.Parameter or None expected)"
        raise GradcliError(
            "bad-argument", message, span=span, hint=f"self.{name}.data = … keeps the parameter"
        )
    module.attributes[name] = value


def initialise(runtime: Runtime, span: Span, module: Instance, *_: Any, **__: Any) -> None:
    module.state["module"] = True
    module.attributes["training"] = True


def _register_buffer(
    runtime: Runtime, span: Span, module: Instance, name: Any, tensor: Any, persistent: Any = True
) -> None:
    module.state.setdefault("buffers", []).append(name)
    if not truth(runtime, persistent, span):
        module.state.setdefault("transient", []).append(name)
    module.attributes[name] = tensor


def register(runtime: Runtime, span: Span, module: Instance, name: Any, value: Any) -> None:
    if type(name) is not str:
        raise failure("TypeError", f"a name must be str, not {type_name(name)}", span)
    set_attribute(runtime, span, module, name, value)


# ---- changing all that a module holds ------------------------------------------------------------


def train(runtime: Runtime, span: Span, module: Instance, mode: Any = True) -> Instance:
    """Puts a module and all in it into the mode of training, or out of it."""
    flag = truth(runtime, mode, span)
    for _, each in modules(module):
        each.attributes["training"] = flag
    return module


def _zero_grad(runtime: Runtime, span: Span, module: Instance, set_to_none: Any = True) -> None:
    clear(runtime, parameters(runtime, module), truth(runtime, set_to_none, span))


def clear(runtime: Runtime, tensors: list[Tensor], to_none: bool) -> None:
    """Takes the gradients away, or fills them with zeros."""
    for each in tensors:
        if to_none:
            each.grad = None
        elif each.grad is not None:
            assign(runtime, each.grad, 0.0)


def _require(runtime: Runtime, span: Span, module: Instance, requires_grad: Any = True) -> Instance:
    flag = truth(runtime, requires_grad, span)
    for each in parameters(runtime, module):
        runtime.session.set_requires_grad(each, flag)
    return module


def _to(runtime: Runtime, span: Span, module: Instance, *targets: Any, **keywords: Any) -> Instance:
    for target in (*targets, *keywords.values()):
        name = dtype_name(target)
        if name is not None:
            _cast(runtime, module, name)
    return module


def _cast(runtime: Runtime, module: Instance, name: str) -> None:
    """Floating-point parameters in another dtype, the same objects; buffers become other tensors."""

    def cast(each: Any) -> Tensor | None:
        if type(each) is not Tensor or each.dtype.kind != "f" or each.dtype.name == name:
            return None
        array = runtime.session.numpy(each).astype(numpy_dtype(name))
        return runtime.session.leaf(array, each.requires_grad)

    for _, each in held(runtime, module, "parameters"):
        if (fresh := cast(each)) is not None:
            each.node = fresh.node
    for _, owner in modules(module):
        for buffer in owner.state.get("buffers", ()):
            if (fresh := cast(owner.attributes.get(buffer))) is not None:
                owner.attributes[buffer] = fresh


def _casting(name: str) -> Any:
    return lambda runtime, span, module: _to(runtime, span, module, DType(name))


def _apply(runtime: Runtime, span: Span, module: Instance, function: Any) -> Instance:
    with nested(runtime, span):
        for _, each in children(module):
            _apply(runtime, span, each, function)
        called(runtime, span, function, module)
    return module


# ---- calling -------------------------------------------------------------------------------------


def _call(runtime: Runtime, span: Span, module: Instance, *arguments: Any, **keywords: Any) -> Any:
    forward = module.cls.find("forward")
    if forward is None:
        message = f'Module [{module.cls.name}] is missing the required "forward" function'
        raise failure("NotImplementedError", message, span, hint="define forward(self, x)")
    with nested(runtime, span):
        for each in tuple(module.state.get("before", ())):
            changed = runtime.call(each, (module, arguments), {}, span)
            if changed is not None:
                arguments = changed if isinstance(changed, tuple) else (changed,)
        result = around(
            runtime,
            span,
            module,
            arguments,
            lambda given: runtime.call(forward, (module, *given), keywords, span),
        )
        for each in tuple(module.state.get("after", ())):
            changed = runtime.call(each, (module, arguments, result), {}, span)
            result = result if changed is None else changed
    return result


# ---- how a module is written ---------------------------------------------------------------------


def _repr(runtime: Runtime, span: Span, module: Instance) -> str:
    extra = runtime.special(module, "extra_repr", span)
    said = extra if type(extra) is str else ""
    with nested(runtime, span):
        inside = [(name, show(runtime, each)) for name, each in children(module)]
    runtime.limits.room(sum(len(text) for _, text in inside), span, "text", 1)
    if not inside:
        return f"{module.cls.name}({said})"
    if module.cls.find("repeats") is True:
        inside = _repeated([text for _, text in inside])
    lines = [said] if said else []
    lines += [f"({name}): " + text.replace("\n", "\n  ") for name, text in inside]
    return "\n  ".join([f"{module.cls.name}(", *lines]) + "\n)"


def _repeated(texts: list[str]) -> list[tuple[str, str]]:
    """Equal neighbours in one line, as a `ModuleList` shows them."""
    runs: list[list[Any]] = []
    for at, text in enumerate(texts):
        if runs and runs[-1][2] == text:
            runs[-1][1] = at
        else:
            runs.append([at, at, text])
    return [
        (str(first), text) if first == last else (f"{first}-{last}", f"{last - first + 1} x {text}")
        for first, last, text in runs
    ]


MODULE = ClassValue(
    "Module",
    (),
    {
        "__init__": Builtin("__init__", initialise),
        "__setattr__": Builtin("__setattr__", set_attribute),
        "__call__": Builtin("__call__", _call),
        "__repr__": Builtin("__repr__", _repr),
        "parameters": Builtin("parameters", _listing("parameters", False)),
        "named_parameters": Builtin("named_parameters", _listing("parameters", True)),
        "buffers": Builtin("buffers", _listing("buffers", False)),
        "named_buffers": Builtin("named_buffers", _listing("buffers", True)),
        "children": Builtin("children", _below(children, False)),
        "named_children": Builtin("named_children", _below(children, True)),
        "modules": Builtin("modules", _below(modules, False)),
        "named_modules": Builtin("named_modules", _below(modules, True)),
        **{
            f"get_{kind}": Builtin(f"get_{kind}", _found(kind))
            for kind in ("parameter", "submodule", "buffer")
        },
        "state_dict": Builtin("state_dict", _state_dict),
        "load_state_dict": Builtin("load_state_dict", _load_state_dict),
        "register_buffer": Builtin("register_buffer", _register_buffer),
        "register_parameter": Builtin("register_parameter", register),
        "register_module": Builtin("register_module", register),
        "add_module": Builtin("add_module", register),
        "register_forward_hook": Builtin("register_forward_hook", hook("after")),
        "register_forward_pre_hook": Builtin("register_forward_pre_hook", hook("before")),
        "register_full_backward_hook": Builtin("register_full_backward_hook", hook("backward")),
        "register_backward_hook": Builtin("register_backward_hook", hook("backward")),
        "train": Builtin("train", train),
        "eval": Builtin("eval", lambda runtime, span, module: train(runtime, span, module, False)),
        "zero_grad": Builtin("zero_grad", _zero_grad),
        "requires_grad_": Builtin("requires_grad_", _require),
        "to": Builtin("to", _to),
        "cpu": Builtin("cpu", _to),
        "double": Builtin("double", _casting("float64")),
        "float": Builtin("float", _casting("float32")),
        "half": Builtin("half", _casting("float16")),
        "apply": Builtin("apply", _apply),
    },
    "torch.nn.modules.module.Module",
)
