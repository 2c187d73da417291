import torch

def horner(coefficients, x):
    if len(coefficients) == 1:
        return coefficients[0]
    return coefficients[0] + x * horner(coefficients[1:], x)

x = torch.tensor(2.0, requires_grad=True)
y = horner([1.0, -3.0, 0.5, 2.0], x)
y.backward()
print(y, x.grad)

def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
print(fib(15))
