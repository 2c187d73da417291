import torch
for i in range(3):
    loss = torch.tensor(float(i)) ** 2
    print(loss.item(), end=' ')
print()
print(1, 2, 3, sep=', ')
print("a", "b", sep='')
print("x", end='\n\n')
print()
print("done", flush=True)
