"""A second backward of each turn ends where the first one's graph was detached: nothing of that is asked for."""
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
alpha = torch.tensor(3.0, requires_grad=True)
for turn in range(6):
    part = (w / 3).exp()
    (alpha.detach() * part).mean().backward()
    loss = (alpha * (part + 2).detach()).mean()
    loss.backward()
    print(loss.item(), alpha.grad.item(), w.grad)


class Momentum(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if len(state) == 0:
                    state["moved"] = torch.zeros_like(p)
                state["moved"].mul_(0.9).add_(p.grad)
                p.sub_(state["moved"], alpha=group["lr"])


steps = Momentum([w], 0.1)
for turn in range(2):
    steps.zero_grad()
    (w**2).sum().backward()
    steps.step()
    print(w.data, len(steps.state), steps.state[w])
