import torch

x = torch.tensor(1.0, requires_grad=True)
y = x
n = 0
while True:
    n += 1
    if n == 2:
        continue
    y = y * 3
    if y > 100:
        break
print(n, y)
y.backward()
print(x.grad)
if n > 10:
    print("many")
elif n > 5:
    print("some")
else:
    print("few")
