"""Older names of types, what they make of tensors, and transposes that are attributes."""

import torch
for t in (torch.tensor(1.), torch.ones(2), torch.ones(2,3), torch.ones(2,2,2), torch.ones(2,3,requires_grad=True)):
    for f in (lambda: t.H, lambda: t.mT, lambda: t.mH, lambda: t.T, lambda: t.conj(), lambda: t.byte(), lambda: t.short(), lambda: t.char(), lambda: t.type(torch.LongTensor), lambda: t.type('torch.DoubleTensor'), lambda: t.type('torch.FloatTensor'), lambda: t.short().type(), lambda: t.type('foo'), lambda: t.type(torch.int8).type(), lambda: t.byte().type()):
        try: print(f())
        except Exception as e: print(type(e).__name__, str(e).split('\n')[0])
print(torch.IntTensor([1, 2]), torch.BoolTensor([True]), torch.ByteTensor([1]), torch.HalfTensor([1.5]), torch.ShortTensor([3]), torch.CharTensor([3]))
print(isinstance(torch.ones(2), torch.FloatTensor), isinstance(torch.ones(2).long(), torch.LongTensor), isinstance(torch.ones(2), torch.LongTensor), isinstance(torch.ones(2), torch.DoubleTensor), isinstance(torch.ones(2), torch.Tensor))
print(torch.can_cast(torch.float32, torch.int64), torch.can_cast(torch.int64, torch.bool), torch.can_cast(torch.int64, torch.uint8), torch.can_cast(torch.bool, torch.float16), torch.can_cast(torch.float64, torch.float16), torch.can_cast(torch.float32, torch.bool))
