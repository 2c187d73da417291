import torch

def power(x, n=2, scale=1.0):
    """x to the n, by multiplication."""
    result = torch.ones_like(x)
    for _ in range(n):
        result = result * x
    return scale * result

def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)

def taylor_sin(x, terms):
    total = 0
    for k in range(terms):
        total = total + (-1) ** k * power(x, n=2 * k + 1) / factorial(2 * k + 1)
    return total

x = torch.tensor([0.5, 1.0], requires_grad=True)
print(power(x), power(x, 3), power(x, scale=10.0))
s = taylor_sin(x, 6)
print(s)
s.sum().backward()
print(x.grad, torch.cos(x))
print(factorial(10))
