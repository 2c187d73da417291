import torch
v = torch.tensor([0., 0., 0.], requires_grad=True)
def twice(grad):
    return grad * 2
h = v.register_hook(twice)
v.backward(torch.tensor([1., 2., 3.]))
print(v.grad)
h.remove()
v.backward(torch.tensor([1., 2., 3.]))
print(v.grad)
