import torch

m = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
for row in m:
    print(row)
    for v in row:
        print(v)
for i, v in enumerate(torch.tensor([10, 20])):
    print(i, v)
for a, b in zip([1, 2, 3], torch.tensor([0.5, 0.25, 0.125])):
    print(a * b)
for i in range(5, 0, -2):
    print(i, end=" ")
print()
for i, (a, b) in enumerate(zip([5, 6], [1, 2])):
    print(i, a, b)
