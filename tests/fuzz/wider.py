"""Random scripts with more of PyTorch: optimisers, modules, own functions, gradients of gradients, dtypes.

`wider(random)` gives one. Its statements stand among those of `scripts.py`, whose own scripts stay as they
were, so that rates over time can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fuzz.scripts import STATEMENTS, WORDS, Name, Script, written

OPTIMISERS = (
    "SGD({p}, lr=0.1)",
    "SGD({p}, lr=0.1, momentum=0.9)",
    "SGD({p}, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)",
    "SGD({p}, lr=0.1, momentum=0.5, dampening=0.25, maximize=True)",
    "Adam({p}, lr=0.1)",
    "Adam({p}, lr=0.1, amsgrad=True, weight_decay=0.5)",
    "AdamW({p}, lr=0.1)",
    "RMSprop({p}, lr=0.1, momentum=0.5, centered=True)",
    "Adagrad({p}, lr=0.1)",
)
MODULES = (
    "torch.nn.ReLU()",
    "torch.nn.Tanh()",
    "torch.nn.LeakyReLU(0.1)",
    "torch.nn.Softmax(dim=0)",
    "torch.nn.Sequential(torch.nn.Sigmoid(), torch.nn.ELU())",
    "torch.nn.ReLU(inplace=True)",
    "torch.nn.Dropout(0.5)",
    "torch.nn.Flatten(0)",
    "torch.nn.Identity()",
)
FUNCTIONS = {
    "Square": ("ctx.save_for_backward(x); return x*x", "x, = ctx.saved_tensors; return 2*x*g"),
    "Exp": ("y = x.exp(); ctx.save_for_backward(y); return y", "y, = ctx.saved_tensors; return g*y"),
    "Clipped": ("ctx.save_for_backward(x); return x.clamp(0, 1)", "return g"),
    "Same": ("return x.view_as(x)", "return g*3"),
    "Sign": ("ctx.mark_non_differentiable(x > 0); return x.sign()", "return torch.ones_like(g)"),
    "Cube": ("ctx.x = x.detach(); return x**3", "return g*3*ctx.x**2"),
    "Nothing": ("return x*2", "return None"),
    "Twice": ("return x+x", "print('own', g); return g+g"),
}
HOOKS = ("lambda g: g*2", "lambda g: None", "lambda g: print('heard', g)", "lambda g: g.clamp(-1, 1)")
CASTS = ("double()", "float()", "to(torch.float64)", "long()", "int()", "bool()", "half()", "type_as({b})")
CASTING = (
    "{a}.add({b})",
    "{a}*{b}",
    "{a}/{b}",
    "torch.where({a}>0,{a},{b})",
    "torch.cat([{a},{b}])",
    "{a}**{b}",
)


class Wider(Script):
    """A script that takes more."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.own: set[str] = set()
        self.tools = 0

    def tool(self, kind: str) -> str:
        self.tools += 1
        return f"{kind}{self.tools}"

    def optimiser(self) -> None:
        """Some steps of one, with or without clearing gradients between."""
        name = self.pick(leaf=True)
        optimiser = self.tool("optimiser")
        root = self.root() if self.random.random() < 0.5 else f"({name}*{name}).sum()"
        kind = self.random.choice(OPTIMISERS).format(p=f"[{name}]")
        if not self.names[name].leaf:
            return
        self.say(f"if {name}.requires_grad and {name}.is_leaf:\n    {optimiser} = torch.optim.{kind}")
        clears = self.random.choice(("zero_grad()", "zero_grad(set_to_none=False)", "state_dict()"))
        for _ in range(self.random.choice((1, 2, 3))):
            self.say(f"    {optimiser}.{clears}")
            keeps = ", retain_graph=True" if self.random.random() < 0.7 else ""
            again = root if self.random.random() < 0.5 else f"({name}*{name}).sum()"
            self.say(f"    if ({again}).requires_grad: ({again}).sum().backward({keeps[2:]})")
            self.say(f"    {optimiser}.step()\n    print({name}); show({name}.grad)")

    def module(self) -> None:
        """One without parameters."""
        name = self.pick()
        made = self.random.choice(MODULES)
        if self.random.random() < 0.3:
            made += ".eval()"
        self.made(f"{made}({name})", None)

    def linear(self) -> None:
        """A layer with parameters, which are shown, frozen, stepped."""
        name = self.pick()
        shape = self.names[name].shape
        if not shape:
            return
        layer = self.tool("layer")
        after = self.random.choice(
            ("", "", ", torch.nn.ReLU()", ", torch.nn.Linear(2, 1)", ", torch.nn.Tanh()")
        )
        self.say(f"{layer} = torch.nn.Sequential(torch.nn.Linear({shape[-1]}, 2){after})")
        self.say(
            self.random.choice(
                (
                    f"{layer}.requires_grad_(False)",
                    f"{layer}.zero_grad()",
                    f"{layer}[0].bias.requires_grad_(False)",
                    f"with torch.no_grad(): {layer}[0].weight.fill_(0.5)",
                    f"with torch.no_grad(): {layer}[0].weight[0] *= 2",
                    f"print([n for n, _ in {layer}.named_parameters()])",
                    f"{layer}[0].weight.register_hook(lambda g: g*2)",
                )
            )
        )
        self.made(f"{layer}({name})", None)
        out = list(self.names)[-1]
        self.say(f"if {out}.requires_grad: {out}.sum().backward(retain_graph=True)")
        self.say(f"for p in {layer}.parameters(): show(p.grad)")

    def own_function(self) -> None:
        """A `torch.autograd.Function`, declared before it is first used."""
        name, which = self.pick(), self.random.choice(list(FUNCTIONS))
        if which not in self.own:
            self.own.add(which)
            forward, backward = FUNCTIONS[which]
            self.say(f"class {which}(torch.autograd.Function):")
            self.say(f"    @staticmethod\n    def forward(ctx, x): {forward}")
            self.say(f"    @staticmethod\n    def backward(ctx, g): {backward}")
        self.made(f"{which}.apply({name})", self.names[name].shape)

    def second(self) -> None:
        """The gradient of a gradient."""
        name, root = self.pick(leaf=True), self.root()
        made = self.fresh()
        self.say(f"{made} = torch.zeros(2)")
        self.say(f"if {name}.requires_grad and ({root}).requires_grad:")
        settings = "create_graph=True, allow_unused=True"
        self.say(f"    {made}, = torch.autograd.grad(({root}).sum(), [{name}], {settings})")
        self.say(f"if {made} is None: {made} = torch.ones(2)")
        if self.random.random() < 0.6:
            again = self.random.choice((f"({made}*{made}).sum()", f"{made}.sum()", f"{made}.norm()"))
            self.say(f"if {made}.requires_grad: ({again}).backward({self.settings()[2:]})")
            self.say(f"show({name}.grad)")
        self.names[made] = Name(None)

    def unrecorded(self) -> None:
        """A view made, and written to, inside or outside recording."""
        name = self.pick()
        view = self.fresh()
        how = self.random.choice(WORDS["VIEWS"]).format(a=name)
        writes = self.random.choice(WORDS["IN_PLACE"]).format(a=view)
        guard = self.random.choice(("torch.no_grad()", "torch.no_grad()", "torch.enable_grad()"))
        self.say(f"with {guard}:\n    {view} = {how}\n    {writes}")
        self.names[view] = Name(None)

    def heard(self) -> None:
        """A hook that is a lambda, and may be taken off again."""
        name = self.pick()
        handle = self.tool("handle")
        which = "register_hook"
        hook = self.random.choice(HOOKS)
        if self.names[name].leaf and self.random.random() < 0.3:
            which = "register_post_accumulate_grad_hook"
            hook = "lambda t: print('added', t.grad)"
        self.say(f"if {name}.requires_grad and ({name}.is_leaf or {which == 'register_hook'}):")
        self.say(f"    {handle} = {name}.{which}({hook})")
        if self.random.random() < 0.3:
            self.say(f"    {handle}.remove()")

    def cast(self) -> None:
        """Other dtypes, and what meets in two."""
        name = self.pick()
        other = self.partner(name)
        if self.random.random() < 0.5:
            call = self.random.choice(CASTS).format(b=other)
            self.made(f"{name}.{call}", self.names[name].shape)
        elif self.random.random() < 0.5:
            numbers = written(self.names[name].shape or (), lambda: self.random.choice((0, 1, 2, 3, -1)))
            self.made(f"torch.tensor({numbers})", self.names[name].shape)
        else:
            self.made(self.random.choice(CASTING).format(a=name, b=other), None)
        self.say(f"print({list(self.names)[-1]}.dtype)")


MORE: tuple[tuple[Callable[[Wider], None], int], ...] = (
    (Wider.optimiser, 6),
    (Wider.module, 5),
    (Wider.linear, 5),
    (Wider.own_function, 8),
    (Wider.second, 8),
    (Wider.unrecorded, 8),
    (Wider.heard, 4),
    (Wider.cast, 6),
)


def wider(random: Random) -> str:
    """One script."""
    return Wider(random).grown((*STATEMENTS, *MORE))
