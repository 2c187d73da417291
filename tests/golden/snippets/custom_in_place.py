import torch
from torch.autograd import Function

class InplaceReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.clamp_(min=0)
        ctx.save_for_backward(x)
        return x
    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return g * (y > 0)
t = torch.tensor([-1., 2., -3., 4.], requires_grad=True)
u = t * 2
v = InplaceReLU.apply(u)
print(u is v, u, v)
v.sum().backward()
print(t.grad)
try:
    InplaceReLU.apply(t)
except RuntimeError as err:
    print(err)

class LinearFunction(Function):
    @staticmethod
    def forward(input, weight, bias):
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def setup_context(ctx, inputs, output):
        input, weight, bias = inputs
        ctx.save_for_backward(input, weight, bias)

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        print(ctx.needs_input_grad)
        return grad_input, grad_weight, grad_bias
linear = LinearFunction.apply
from torch.autograd import gradcheck
input = (torch.randn(4, 3, dtype=torch.double, requires_grad=True), torch.randn(2, 3, dtype=torch.double, requires_grad=True), None)
out = linear(*input)
print(out)
out.sum().backward()
class MulConstant(Function):
    @staticmethod
    def forward(tensor, constant):
        return tensor * constant
    @staticmethod
    def setup_context(ctx, inputs, output):
        tensor, constant = inputs
        ctx.constant = constant
    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.constant, None
z = torch.ones(2, requires_grad=True)
print(MulConstant.apply(z, 5.5))
class Multi(Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(y)
        return x * 2, y
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g, h):
        print(g, h)
        return g * 2, None
p, q = Multi.apply(z, torch.tensor(1.))
print(p, q, q.requires_grad)
p.sum().backward()
print(z.grad)
