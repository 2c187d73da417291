"""Slices of whole dims, as they are written, are the tensor itself where something is assigned to them."""

import torch
x = torch.tensor([2.0,-1.0], requires_grad=True)
def d(): return torch.special.i0e(x[:1]*1)
def m(): return x[None]*1
def e(f, t):
    try:
        f(t)
        print(t.grad_fn.name() if t.grad_fn else None, t._version)
    except Exception as e: print(str(e)[:36])
def f1(t): t[:1] /= 2
def f2(t): t[:1] = 2.
def f3(t): t[:1] = x[:1]
def f4(t): t[:2] = 2.
def f5(t): t[0:1] = 2.
def f6(t): t[-1:] = 2.
def f8(t): t[...,:1] = 2.
def f9(t): t[:1,...] = 2.
def f10(t): t[::1] = 2.
def f11(t): t[0:,:2] = 2.
def f12(t): t[:,1:] = 2.
def f13(t): t[:1,[0]] = 2.
def f14(t): t[0:,[0]] = 2.
def f15(t): t[:1,[0,1]] = x
def f16(t): t[-1:,[0,1]] = x
def f17(t): t[:,:,:] = 2.
def f18(t): t[...,:,:2] = x
def f19(t): t[:,...,:] *= x
def f20(t): t[None] = 2.
def f21(t): t[:0] = 2.
def f22(t): t[True] = 2.
def f23(t): t[...,...] = 2.
def f24(t): t[()] = 2.
def f25(t): t[:1,torch.tensor([True,False])] = 2.
def f26(t): t[:1,torch.tensor([True,False])] *= 2.
fs = [f1,f2,f3,f4,f5,f6,f8,f9,f10,f11,f12,f13,f14,f15,f16,f17,f18,f19,f20,f21,f22,f23,f24,f25,f26]
for f in fs:
    e(f, d()); e(f, m()); e(f, x.sum()*1); e(f, torch.zeros(2,0)); e(f, torch.zeros(1,2)); e(f, x); e(f, x[:1]); e(f, x[None])
