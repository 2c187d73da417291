import torch

class MyReLU(torch.autograd.Function):
    """The rectifier, by hand."""

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        return grad_output * (input > 0)

x = torch.tensor([-2.0, -0.5, 0.5, 2.0], requires_grad=True)
y = MyReLU.apply(x)
print(y)
(y * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
print(x.grad)
