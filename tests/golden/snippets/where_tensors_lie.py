import torch
x = torch.arange(6.).reshape(2, 3)
y = x.view(3, 2)
z = x[1]
c = x.clone()
print(x.data_ptr() == y.data_ptr(), z.data_ptr() - x.data_ptr(), c.data_ptr() == x.data_ptr())
print(x.t().storage_offset(), z.storage_offset(), x[:, 1].storage_offset())
print(x.is_contiguous(), x.t().is_contiguous(), x._is_view(), y._is_view(), c._is_view())
x.add_(1)
print(x.data_ptr() == y.data_ptr(), id(x) == id(y))
w = x
w += 1
print(w.data_ptr() == x.data_ptr())
w = w + 1
print(w.data_ptr() == x.data_ptr())
a = torch.ones(3, requires_grad=True)
print(a.data.data_ptr() == a.data_ptr(), a.detach().data_ptr() == a.data_ptr())
print(x.element_size(), x.nbytes, x.storage_offset())
