import torch
x = torch.zeros(5, 2, 4).transpose(0, 1)
for f in (torch.randn_like, torch.rand_like, lambda x: torch.randint_like(x, 100), lambda x: x.clone().normal_(), lambda x: x.clone().uniform_(), lambda x: torch.bernoulli(x + 0.5), lambda x: torch.nn.functional.dropout(x + 1), lambda x: x.clone().exponential_()):
    torch.manual_seed(0)
    r = f(x)
    print(r, r.stride(), torch.rand(1))
for shape in ((3, 4), (2, 3)):
    torch.manual_seed(1)
    a = torch.zeros(shape).t()
    print(torch.randn_like(a), torch.rand(1))
    b = torch.zeros(4, 6)[:, ::2]
    print(b.normal_(), torch.randn_like(b).stride(), torch.rand(1))
    print(b.uniform_(), torch.rand(1))
