import torch
class C:
    def __enter__(self): return self
    def __exit__(self, *a): return True
with C(): torch.set_grad_enabled(False)
print(torch.is_grad_enabled())
torch.set_grad_enabled(True)
with torch.no_grad(): torch.set_grad_enabled(True)
print(torch.is_grad_enabled())
with torch.no_grad(), torch.enable_grad(): print(torch.is_grad_enabled())
print(torch.is_grad_enabled())
with C(), torch.no_grad(), torch.set_grad_enabled(True):
    torch.set_grad_enabled(False); raise ValueError
print(torch.is_grad_enabled())
with torch.no_grad(), C():
    torch.set_grad_enabled(True); raise ValueError
print(torch.is_grad_enabled())
m = torch.no_grad()
with m:
    with m: print(torch.is_grad_enabled())
    print(torch.is_grad_enabled())
print(torch.is_grad_enabled())
torch.set_grad_enabled(False)
with m: pass
print(torch.is_grad_enabled())
with torch.enable_grad(): print(torch.is_grad_enabled())
print(torch.is_grad_enabled())
def f():
    with torch.set_grad_enabled(True): return torch.is_grad_enabled()
print(f(), torch.is_grad_enabled())
for i in range(2):
    with torch.set_grad_enabled(i==0):
        if i == 0: continue
        print(torch.is_grad_enabled())
print(torch.is_grad_enabled())
