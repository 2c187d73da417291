"""What `index_put_` looks at first: leaves, the number of indices, overlaps."""
import torch


def told(work):
    try:
        print(work())
    except (RuntimeError, IndexError) as error:
        print(str(error)[:42])


x = torch.tensor([1., 2., 3.])
first = torch.tensor([0])
told(lambda: x[0].index_put_((first,), x[0]))
told(lambda: x.requires_grad_()[0].index_put_((first,), x[0]))
x = x.detach()
told(lambda: x.index_put_((torch.tensor([0, 1]),), x[1:]))
told(lambda: x.index_put_((torch.tensor([0, 1]),), x[1:].double()))
told(lambda: x.expand(2, -1).index_put_((first,), torch.tensor(5.)))
told(lambda: x.expand(2, -1).index_put_((first,), x[0]))
told(lambda: x.index_put_((x > 1,), x[0] * 2))
told(lambda: x.index_put_((x > 1,), x[0]))
told(lambda: x.index_put_((first,), torch.tensor([1.]), accumulate=True))
told(lambda: x.expand(2, -1).fill_(x))
told(lambda: x.expand(2, -1).fill_(x[0]))
