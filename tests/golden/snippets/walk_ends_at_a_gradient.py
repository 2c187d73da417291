import torch


def told(f):
    try:
        print(f())
    except RuntimeError as error:
        print(str(error)[:47])


# A backward that ends at a recorded gradient runs its last step, which may have been freed.
def walked(made, frees=True):
    a = torch.tensor([1.5, 4.0, 0.5], requires_grad=True)
    (g,) = torch.autograd.grad(made(a), a, torch.ones_like(made(a)), create_graph=True)
    print(g)
    d = g[:]
    if frees:
        d.mean().backward()
    d.sum().backward(retain_graph=True, inputs=[g])
    return g.grad


for frees in (True, False):
    for made in (
        lambda a: a.sin() * 2,
        lambda a: a.exp(),
        lambda a: a**3,
        lambda a: torch.cat([a, a]) ** 2,
        lambda a: a.sqrt(),
        lambda a: -(a * a),
        lambda a: a.square() + a.exp(),
    ):
        told(lambda: walked(made, frees))

# What was updated outside recording takes no step of a gradient.
b = torch.tensor([2.0, 1.0], requires_grad=True)
for b in (torch.cat([b, b]), b[0:1], b.view(2, 1), b * 3):
    with torch.no_grad():
        b.masked_fill_(b > 0, 1.0)
    print(torch.autograd.grad(b.sin().sum() * 2, b, create_graph=True))
