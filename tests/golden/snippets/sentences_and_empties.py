import torch

F = torch.nn.functional


def tell(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, "-", str(error).splitlines()[0])


a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
tell(lambda: a.repeat(2))
tell(lambda: F.one_hot(torch.tensor([1.5])))
tell(lambda: F.one_hot(torch.tensor([-2])))
tell(lambda: torch.tril(torch.tensor(1.0)))
tell(lambda: a.index_select(0, torch.tensor([4])))
tell(lambda: torch.zeros(2).scatter(0, torch.tensor([0]), torch.zeros(1, dtype=torch.int64)))
tell(lambda: torch.tensor(1.0)[0])
tell(lambda: a[torch.tensor([0.5])])
tell(lambda: a[torch.tensor([0.0, 1.0])])
tell(lambda: torch.finfo(torch.int64))
tell(lambda: torch.iinfo(torch.float32))
tell(lambda: a.unique().sum().backward())
tell(lambda: torch.linalg.svd(a.detach() * torch.tensor([float("nan"), 1.0])))
tell(lambda: torch.addcdiv(torch.tensor([1]), torch.tensor([1]), torch.tensor([2])))
tell(lambda: torch.zeros(3).expand(-1, 2))
tell(lambda: torch.zeros(2, 3).expand(3, 2))
tell(lambda: torch.cat([torch.tensor([]), torch.tensor(1.0)]))
tell(lambda: a.detach().put_(torch.tensor([0]), a.detach()))
# What is empty fits anything, and requires grad all the same.
nothing = torch.tensor([], requires_grad=True)
joined = torch.cat([nothing, torch.ones(2, 2)], 1)
print(joined, torch.cat([torch.tensor([]), torch.ones(2)]), torch.cat([nothing, nothing]))
joined.sum().backward()
print(nothing.grad)
print(torch.cat([a, nothing, a]).grad_fn.name())
# Among what is in no order, or isn't a number, a place is looked for step by step.
edges = torch.tensor([-0.5, -0.5, float("nan"), float("nan")])
print(torch.searchsorted(edges, torch.tensor([-0.5, 0.0])), torch.bucketize(torch.tensor([1.0, 3.0]), edges))
mixed = torch.tensor([[3.0, 1.0, 2.0, 0.0], [1.0, 1.0, 0.0, 5.0]])
print(torch.searchsorted(mixed, torch.tensor([[1.0, 2.5], [1.0, 0.5]]), right=True))
# A whole number has no decimals to round.
whole = torch.tensor([1234, 5])
print(whole.numpy().round(2), whole.numpy().round(-2), whole.round())
tell(lambda: torch.round(whole, decimals=2))
