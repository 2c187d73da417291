import torch
def power(x, n):
    if n == 0:
        return torch.ones_like(x)
    if n % 2 == 0:
        h = power(x, n // 2)
        return h * h
    return x * power(x, n - 1)
x = torch.tensor(1.5, requires_grad=True)
y = power(x, 10)
y.backward()
print(x.grad.item(), y.item())
def outer(a):
    b = a * 2
    def inner(c):
        return b * c
    return inner(3)
print(outer(torch.tensor(2.)))
def even(n):
    return True if n == 0 else odd(n - 1)
def odd(n):
    return False if n == 0 else even(n - 1)
print(even(10), odd(7))
