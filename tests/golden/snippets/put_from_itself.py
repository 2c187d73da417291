"""What is put into a tensor from its own memory."""
import torch
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e).splitlines()[0][:60])
x = torch.tensor([1., 2., 3.])
i = torch.tensor([0, 1, 1])
t(lambda: x.put_(i, x)); t(lambda: x.put_(i, x, accumulate=True)); t(lambda: x.index_put_((i,), x, accumulate=True)); t(lambda: x.index_put_((i,), x)); t(lambda: x.put_(i, x*2)); t(lambda: x.index_put_((i,), x*1, accumulate=True)); t(lambda: x.put_(i[:2], x[1:])); t(lambda: x.index_put_((i[:2],), x[1:], accumulate=True)); t(lambda: x.expand(2, 3).put_(i, x*2)); t(lambda: x.index_copy_(0, i, x))
