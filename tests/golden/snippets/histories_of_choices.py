# Forward mode reads no value of what only chooses elements, so its Jacobian has no history. Integers of an empty
# tensor are divided by zero, and what an index into nothing is refused with.
import torch


def tried(f):
    try:
        print(f())
    except (RuntimeError, IndexError) as error:
        print(type(error).__name__, error)


x = torch.tensor([[1.0, 0.0, 3.0], [2.0, 5.0, 4.0]], requires_grad=True)
i = torch.tensor([[0, 1, 1]])
for f in (
    lambda t: t.sort(1)[0],
    lambda t: t.topk(2)[0],
    lambda t: t.gather(0, i),
    lambda t: t.median(),
    lambda t: t.cummax(1)[0],
    lambda t: t.amax(1),
    lambda t: t.take(torch.tensor([0, 1])),
    lambda t: t.masked_fill(t > 1, 0),
    lambda t: t.index_select(0, torch.tensor([1])),
    lambda t: t.tril(),
    lambda t: t.trace(),
    lambda t: t.double().sum(),
    lambda t: t.sort(1)[0] ** 2,
    lambda t: torch.maximum(t, t * 2),
):
    print(torch.func.jacfwd(f)(x).requires_grad)

z = torch.ones(1, 0, dtype=torch.int64)
tried(lambda: z // 0)
tried(lambda: z % 0)
tried(lambda: torch.fmod(z, 0))
tried(lambda: torch.ones(2, dtype=torch.int64) // 0)
tried(lambda: torch.ones(3).index_select(0, torch.tensor([[0], [1]])))
tried(lambda: torch.ones(1, 0).index_select(0, torch.tensor([1])))

s = torch.tensor(1.5)
for dim in (0, -1, 1):
    tried(lambda: s.unbind(dim))
    tried(lambda: torch.nn.functional.cosine_similarity(s, s, dim=dim))
    tried(lambda: x.chunk(0, dim - 1))
