import torch
from torch import nn
f = torch.finfo(torch.float32)
print(f.eps, f.max, f.min, f.tiny, f.bits, torch.finfo().eps, torch.finfo(torch.float64).eps, f.dtype)
m = torch.compile(nn.Linear(1, 1))
print(m(torch.ones(1, 1)).shape, torch.compile(lambda x: x * 2)(torch.ones(1)))
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
print(device)
torch.manual_seed(0)
a, b = torch.utils.data.random_split(range(10), [7, 3])
print(len(a), list(b), list(a))
class Squares(torch.utils.data.Dataset):
    def __len__(self):
        return 3
    def __getitem__(self, at):
        if at >= 3:
            raise IndexError
        return at, at**2
for x, y in Squares():
    print(x, y)
class Telling(Squares):
    def __getitem__(self, at):
        print("asked for", at)
        return super().__getitem__(at)
for x, y in Telling():
    if x == 1:
        break
