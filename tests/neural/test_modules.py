"""Modules and optimisers in the hands of strangers: each ends in a clear error, none in a fault.

That they compute what PyTorch computes is recorded in `tests/golden/snippets` (`nn_*.py`, `optimizers.py`).
"""

from __future__ import annotations

import pytest

import gradcli
from rows import by_rows

HEAD = (
    "import torch, copy\nfrom torch import nn, optim\nfrom torch.optim import lr_scheduler\n"
    "from torch.utils.data import DataLoader, TensorDataset, Dataset, Subset, random_split\n"
)
AGAIN = "class D(Dataset):\n  def __len__(self): return 2\n  def __getitem__(self, i): return next(it)\n"
LAYER = "m = nn.Linear(2, 1)\n"
STEP = "m(torch.ones(1, 2)).sum().backward()\no.step()"
OPTIMIZER = LAYER + "o = optim.Adam(m.parameters())\n"
CYCLE = LAYER + "o = optim.SGD(m.parameters(), lr=1, momentum=0.9)\n"
SCHEDULE = OPTIMIZER + "s = lr_scheduler.StepLR(o, 2)\n"
BROKEN = [
    ("nn.Linear(10**6, 10**6)", "limit"),
    ("nn.Linear(-1, 2)", "bad-argument"),
    ("nn.Linear('a', 2)", "bad-argument"),
    ("nn.Linear(2)", "bad-argument"),
    ("nn.Linear(2, 2, foo=1)", "bad-argument"),
    ("nn.Conv2d(2, 3, 'a')", "bad-argument"),
    ("nn.Dropout(2)", "bad-argument"),
    ("nn.ReLU(1, 2, 3)", "bad-argument"),
    ("nn.Softplus(beta=[])(torch.ones(2))", "bad-argument"),
    ("nn.Sequential(1)", "bad-argument"),
    ("nn.Embedding(3, 2)(torch.ones(2))", "dtype"),
    ("print(nn.Embedding(3, 2)(torch.tensor([5])))", "bad-argument"),
    ("nn.Embedding(3, 2, padding_idx=7)", "bad-argument"),
    ("nn.BatchNorm1d(3)(torch.ones(1, 3))", "shape"),
    ("b = nn.BatchNorm1d(3)\nb.running_mean = 'a'\nb(torch.ones(2, 3))", "bad-argument"),
    ("b = nn.BatchNorm1d(3)\nb.momentum = 'a'\nb(torch.ones(2, 3))", "bad-argument"),
    (LAYER + "del m.weight\nm(torch.ones(1, 2))", "unknown-name"),
    (LAYER + "m.weight = None\nm(torch.ones(1, 2))", "bad-argument"),
    (LAYER + "m('a')", "bad-argument"),
    (LAYER + "m.state", "unknown-name"),
    (LAYER + "m.__init__.__globals__", "unknown-name"),
    (LAYER + "m.load_state_dict({'x': 1})", "bad-argument"),
    ("class A(nn.Module):\n  pass\na = A()\na.b = a\nprint(a)", "limit"),
    ("class A(nn.Module):\n  pass\na = A()\na.register_forward_hook(a)\na.forward = 1\na(1)", "bad-argument"),
    ("class A(nn.Module):\n  def forward(self, x): return self(x)\nA()(1)", "limit"),
    ("m = nn.Identity()\nfor i in range(5000): m = nn.Sequential(m)\nm(1)", "limit"),
    ("m = nn.Identity()\nfor i in range(5000): m = nn.Sequential(m)\nprint(m)", "limit"),
    ("nn.Module.forward = 1", "bad-argument"),
    ("nn.Transformer(2, 1, 1, 1, 2)('a', 1)", "shape"),
    ("nn.MultiheadAttention(6, 4)", "bad-argument"),
    ("nn.MultiheadAttention(4, 2)(torch.ones(2, 1, 4), 1, 2)", "shape"),
    ("nn.TransformerEncoder(3, 2)(torch.ones(2, 1, 4))", "bad-argument"),
    ("nn.Upsample(scale_factor='a')", "bad-argument"),
    ("nn.Upsample(scale_factor=2)(torch.ones(2))", "shape"),
    ("nn.PixelShuffle(2)(torch.ones(1, 3, 2, 2))", "shape"),
    ("nn.AdaptiveAvgPool2d('a')(torch.ones(1, 3, 2, 2))", "bad-argument"),
    ("nn.MaxUnpool2d(2)(torch.ones(1, 1, 1, 1), torch.tensor([[[[9]]]])).sum().item()", "bad-argument"),
    ("nn.CTCLoss()(torch.ones(2, 1, 3), torch.tensor([[7]]), [2], [1])", "bad-argument"),
    ("nn.utils.spectral_norm(3)", "bad-argument"),
    ("nn.utils.weight_norm(nn.ReLU())", "bad-argument"),
    ("torch.func.functional_call(nn.ReLU(), {'w': 1}, torch.ones(2))", "bad-argument"),
    (
        LAYER + "m.register_full_backward_hook(lambda m, i, o: 3)\nm(torch.ones(1, 2)).sum().backward()",
        "bad-argument",
    ),
    ("nn.ParameterDict({'a': 'b'})", "bad-argument"),
    ("torch.distributions.Normal('a', 1)", "bad-argument"),
    ("torch.distributions.Normal(0, 1).log_prob()", "bad-argument"),
    ("torch.distributions.Categorical(torch.ones(2)).sample('a')", "bad-argument"),
    ("a = [1, 2]\ndel a[::0]", "bad-argument"),
    ("nn.init.xavier_uniform_(torch.ones(3))", "bad-argument"),
    ("nn.init.trunc_normal_(torch.ones(3), std=0)", "bad-argument"),
    ("nn.init.normal_('a')", "bad-argument"),
    (OPTIMIZER + "o.param_groups = 3\n" + STEP, "bad-argument"),
    (OPTIMIZER + "o.param_groups[0]['params'] = ['a']\n" + STEP, "bad-argument"),
    (OPTIMIZER + "o.param_groups[0].clear()\n" + STEP, "bad-argument"),
    (OPTIMIZER + "o.param_groups[0]['betas'] = 'ab'\n" + STEP, "bad-argument"),
    (OPTIMIZER + "o.param_groups[0]['lr'] = None\n" + STEP, "bad-argument"),
    (OPTIMIZER + "del o.param_groups\nprint(o)", "bad-argument"),
    ("optim.SGD(3, lr=1)", "bad-argument"),
    (CYCLE + "lr_scheduler.OneCycleLR(o, max_lr=1)", "bad-argument"),
    (CYCLE + "lr_scheduler.OneCycleLR(o, max_lr='a', total_steps=3)", "bad-argument"),
    (CYCLE + "s = lr_scheduler.OneCycleLR(o, 1, total_steps=3)\nfor i in range(9): s.step()", "bad-argument"),
    (CYCLE + "lr_scheduler.CyclicLR(o, 0, 1, mode='a')", "bad-argument"),
    (CYCLE + "lr_scheduler.CosineAnnealingWarmRestarts(o, 0)", "bad-argument"),
    (CYCLE + "lr_scheduler.SequentialLR(o, [1], [])", "bad-argument"),
    (CYCLE + "lr_scheduler.ChainedScheduler([])", "bad-argument"),
    ("optim.SGD([3], lr=1)", "bad-argument"),
    (LAYER + "optim.SGD(m.parameters(), lr='a')", "bad-argument"),
    (LAYER + "o = optim.LBFGS(m.parameters(), line_search_fn='weak')\n" + STEP, "bad-argument"),
    (OPTIMIZER + "o.load_state_dict({})", "bad-argument"),
    (
        OPTIMIZER + "o.load_state_dict({'state': {0: 3}, 'param_groups': [3]})",
        "bad-argument",
    ),
    (
        OPTIMIZER + "s = o.state_dict()\ns['state'] = {0: {'step': 'a'}}\no.load_state_dict(s)",
        "bad-argument",
    ),
    (SCHEDULE + "s.load_state_dict([1])", "bad-argument"),
    (LAYER + "optim.LBFGS(m.parameters()).step(3)", "bad-argument"),
    (LAYER + "optim.LBFGS(m.parameters()).step(lambda: m)", "bad-argument"),
    (LAYER + "o = optim.LBFGS(m.parameters())\no.param_groups[0]['max_iter'] = 'a'\n" + STEP, "bad-argument"),
    (LAYER + "optim.Adam(m.parameters(), betas=(sum, 0.9))", "bad-argument"),
    ("class O(optim.SGD):\n  def __init__(self): pass\nO().step()", "bad-argument"),
    (SCHEDULE + "s.base_lrs = 'ab'\no.param_groups[0]['lr'] = 'a'\ns.step(); s.step()", "bad-argument"),
    (SCHEDULE + "s.optimizer = 3\ns.step()", "bad-argument"),
    (SCHEDULE + "s.step_size = 0\ns.step()", "bad-argument"),
    (OPTIMIZER + "lr_scheduler.StepLR(3, 2)", "bad-argument"),
    (OPTIMIZER + "lr_scheduler.LambdaLR(o, 3)", "bad-argument"),
    (OPTIMIZER + "lr_scheduler.LambdaLR(o, lambda e: 'a')", "bad-argument"),
    (OPTIMIZER + "lr_scheduler.ReduceLROnPlateau(o, mode=3).step('a')", "bad-argument"),
    (LAYER + "nn.utils.clip_grad_norm_(3, 1)", "bad-argument"),
    ("TensorDataset(torch.ones(2), torch.ones(3))", "bad-argument"),
    ("DataLoader(3, batch_size=0)", "bad-argument"),
    ("for x in DataLoader(3): pass", "bad-argument"),
    ("random_split([1, 2], [3])", "bad-argument"),
    ("Subset([1], [5])[0]", "bad-argument"),
    ("class D(Dataset):\n  def __len__(self): return 3\nfor x in DataLoader(D()): pass", "bad-argument"),
    (f"{AGAIN}it = iter(DataLoader(D()))\nnext(it)", "bad-argument"),
    ("x = []\nfor i in range(500): x = [x]\ncopy.deepcopy(x)", "limit"),
    ("copy.deepcopy(torch.ones(2, requires_grad=True) * 2)", "bad-argument"),
    ("import time\ntime.sleep(100)", "unknown-function"),
    ("torch.autograd.gradcheck(3, torch.ones(2, requires_grad=True))", "bad-argument"),
    ("torch.autograd.gradcheck(torch.sin, torch.ones(2))", "bad-argument"),
    ("nn.utils.parametrize.is_parametrized(5)", "bad-argument"),
    ("nn.utils.parametrize.remove_parametrizations(nn.ReLU(), 5)", "bad-argument"),
    (LAYER + "nn.utils.parametrize.register_parametrization(m, [1], nn.ReLU())", "bad-argument"),
    (LAYER + "nn.utils.parametrize.register_parametrization(m, 'a', nn.ReLU())", "bad-argument"),
    (LAYER + "nn.utils.parametrizations.weight_norm(m, 'weight', 'x')", "bad-argument"),
    ("optim.swa_utils.update_bn([1], 5)", "bad-argument"),
    ("optim.swa_utils.AveragedModel(5)", "bad-argument"),
    (LAYER + "optim.swa_utils.AveragedModel(m).update_parameters(5)", "bad-argument"),
    ("optim.swa_utils.get_ema_multi_avg_fn(0.5)([1], [2], 3)", "bad-argument"),
    ("optim.swa_utils.get_ema_avg_fn(0.5)(1, 2, 3)", "bad-argument"),
    (OPTIMIZER + "optim.swa_utils.SWALR(o, [1, 2])", "bad-argument"),
    (OPTIMIZER + "optim.swa_utils.SWALR(o, 1, anneal_epochs='a')", "bad-argument"),
    ("torch.func.stack_module_state([nn.Linear(1, 1), nn.Linear(1, 1, bias=False)])", "bad-argument"),
    ("torch.func.stack_module_state([])", "bad-argument"),
    ("nn.utils.get_total_norm([torch.ones(2)], 'a')", "bad-argument"),
    (LAYER + "optim.Rprop(m.parameters(), etas=(1,))", "bad-argument"),
    (LAYER + "optim.Rprop(m.parameters(), step_sizes=('a', 'b'))", "bad-argument"),
    (OPTIMIZER + "lr_scheduler.LRScheduler(o)", "bad-argument"),
    ("nn.Embedding(3, 2, max_norm=1.0)", "bad-argument"),
    ("nn.Embedding.from_pretrained(5)", "bad-argument"),
    ("nn.LPPool2d(0, 3)(torch.ones(1, 1, 4, 4))", "bad-argument"),
    ("nn.init.sparse_(torch.ones(2), 0.1)", "bad-argument"),
    (LAYER + "nn.utils.vector_to_parameters(torch.ones(1), m.parameters())", "shape"),
]


@by_rows("program, code", BROKEN)
def test_what_cannot_be_is_told(program: str, code: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(HEAD + program)
    assert caught.value.code == code


def test_what_is_wrong_with_a_parametrisation_is_shown_where_it_is_called() -> None:
    call = "nn.utils.parametrizations.weight_norm(nn.Linear(2, 3), dim='x')"
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(HEAD + call)
    assert caught.value.span == (len(HEAD), len(HEAD + call))


def test_a_range_is_loaded_in_batches() -> None:
    found = gradcli.evaluate(HEAD + "for x in DataLoader(range(3), batch_size=2): print(x)")
    assert found.printed == ["tensor([0, 1])", "tensor([2])"]


def test_the_room_is_loaded_only_when_it_is_used() -> None:
    import subprocess
    import sys

    code = (
        "import sys, gradcli; gradcli.evaluate('import torch\\ny = torch.ones(2, requires_grad=True).sum()')"
    )
    check = "; sys.exit(any(name.startswith('gradcli.neural') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code + check], check=False).returncode == 0
