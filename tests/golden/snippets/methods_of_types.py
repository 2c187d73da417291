import torch
x = torch.tensor([1.,-2.], requires_grad=True)
print(str.upper("ab"), list(map(str.strip, [" a ", "b "])), sorted(["b", "A"], key=str.lower))
print(list(map(torch.Tensor.item, x)), torch.Tensor.abs(x), torch.Tensor.add(x, 1))
torch.Tensor.backward(torch.Tensor.sum(x * 2)); print(x.grad)
b = [1]; list.append(b, 2); print(b, dict.get({"a": 1}, "a"), tuple.index((1, 2), 2), dict.fromkeys([1]), str.join(",", ["a", "b"]))
print(set.union({1}, {2}), set.union(*[{1}, {3}]), sorted(set.intersection({1, 2}, {2})))
for f in (lambda: str.upper(1), lambda: str.upper(), lambda: str.foo, lambda: torch.Tensor.foo, lambda: list.append(1, 2)):
    try:
        f()
    except (TypeError, AttributeError) as error:
        print(type(error).__name__, error)
