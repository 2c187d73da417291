"""Which of two complaints comes first where the history of an indexed view cannot be asked."""

import torch
def tried(f):
    try: f()
    except Exception as e: print(type(e).__name__, str(e).split(' Hint')[0].split(': hypot at')[0][:150])
a = torch.ones(2,1,2, requires_grad=True)
b = a.split(1)[0]
with torch.no_grad(): a.pow_(a)
tried(lambda: b[:,1])
tried(lambda: b[0,0,5])
tried(lambda: b.select(1,1))
def g1(): b[:,1] += 1
tried(g1)
def g2(): b[:,1] = 1
tried(g2)
def g3(): b[:,0] = 1
tried(g3)
tried(lambda: b.reshape(3))
tried(lambda: b.transpose(0,7))
tried(lambda: b.narrow(1,0,4))
tried(lambda: b.permute(0,1))
tried(lambda: b + torch.ones(5))
tried(lambda: b.sum(9))
tried(lambda: b.expand(1,4,7))
tried(lambda: b.unsqueeze(9))
tried(lambda: b[..., 5])
tried(lambda: b[:, :, 5])
tried(lambda: b[0:0, 5])
tried(lambda: b[None, 5])
tried(lambda: b[5, :, 1])
tried(lambda: b[-2])
tried(lambda: b[:, -2, 0])
tried(lambda: b[0, 0, 0, 0])
tried(lambda: b[True, 3])
tried(lambda: b[torch.tensor([5])])
