"""Products of views that were made outside recording: what is one step saves nothing, what views them does."""
import torch

x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)


def twice(name, product):
    with torch.no_grad():
        matrix = x.t()
        row = matrix[0]
    y = product(matrix, row).sum()
    y.backward()
    try:
        y.backward()
        print(name, "again")
    except RuntimeError as error:
        print(name, str(error)[:47])


twice("vector @ vector", lambda m, r: r @ r)
twice("dot", lambda m, r: torch.dot(r, r))
twice("vdot", lambda m, r: torch.vdot(r, r))
twice("matrix @ vector", lambda m, r: m @ r)
twice("vector @ matrix", lambda m, r: r @ m)
twice("outer", lambda m, r: torch.outer(r, r))
twice("stack @ matrix", lambda m, r: torch.stack([m, m]) @ m)
