# Functions with a gradient of their own, hooks, higher derivatives.
import torch

class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input

class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input ** 3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input ** 2 - 1)

torch.manual_seed(4)
N, D_in, H, D_out = 8, 10, 6, 2
x, y = torch.randn(N, D_in), torch.randn(N, D_out)
w1 = torch.randn(D_in, H, requires_grad=True)
w2 = torch.randn(H, D_out, requires_grad=True)
for t in range(50):
    relu = MyReLU.apply
    y_pred = relu(x.mm(w1)).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    if t % 10 == 9:
        print(t, f"{loss.item():.2f}")
    loss.backward()
    with torch.no_grad():
        w1 -= 1e-3 * w1.grad
        w2 -= 1e-3 * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
P3 = LegendrePolynomial3.apply
v = torch.tensor([0.2, -0.7], requires_grad=True)
P3(v).sum().backward()
print(P3(v), v.grad)
grads = {}
def save_grad(name):
    def hook(grad):
        grads[name] = grad
    return hook
a = torch.tensor(2.0, requires_grad=True)
b = a * 3
b.register_hook(save_grad("b"))
handle = a.register_hook(lambda g: g * 2)
c = b ** 2
c.backward()
print(grads, a.grad)
handle.remove()
u = torch.tensor(1.5, requires_grad=True)
f = u ** 4
(first,) = torch.autograd.grad(f, u, create_graph=True)
(second,) = torch.autograd.grad(first, u, create_graph=True)
print(first.item(), second.item(), torch.autograd.grad(second, u))
print(torch.autograd.functional.jacobian(lambda t: t ** 2, torch.tensor([1.0, 2.0])))
print(torch.autograd.functional.hessian(lambda t: (t ** 3).sum(), torch.tensor([1.0, 2.0])))
print(torch.autograd.gradcheck(MyReLU.apply, torch.randn(4, dtype=torch.double, requires_grad=True)))
