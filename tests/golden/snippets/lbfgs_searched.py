import torch

# The valley of Rosenbrock, with and without a search along the line.
for search, rate, turns in ((None, 0.05, 5), ("strong_wolfe", 1, 8)):
    x = torch.tensor([-1.2, 1.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([x], lr=rate, max_iter=4, history_size=5, line_search_fn=search)

    def closure():
        optimizer.zero_grad()
        loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        loss.backward()
        return loss

    for step in range(turns):
        loss = optimizer.step(closure)
        print(search, step, f"{loss.item():.4f}", [f"{each:.3f}" for each in x.tolist()])

torch.manual_seed(0)
points = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(-1, 1)
wanted = torch.sin(3 * points)
net = torch.nn.Sequential(torch.nn.Linear(1, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)).double()
optimizer = torch.optim.LBFGS(net.parameters(), max_iter=10, line_search_fn="strong_wolfe")
calls = 0


def distance():
    global calls
    calls += 1
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(net(points), wanted)
    loss.backward()
    return loss


for _ in range(4):
    print(f"{optimizer.step(distance).item():.6f}", calls)

flat = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.LBFGS([flat], line_search_fn="strong_wolfe")
for function in (lambda: (flat**4).sum(), lambda: flat.abs().sum(), lambda: (flat * 1e-9).sum()):

    def once():
        optimizer.zero_grad()
        loss = function()
        loss.backward()
        return loss

    optimizer.step(once)
    print([f"{each:.3f}" for each in flat.tolist()])
try:
    torch.optim.LBFGS([flat], line_search_fn="weak").step(once)
except RuntimeError as error:
    print(error)
