import torch
torch.manual_seed(0)
for beta in (0.1, 0.3, 0.45):
    x = torch.randn(40, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=0.1, betas=(beta, 0.99))
    for _ in range(9):
        x.grad = torch.randn(40)
        optimizer.step()
    print(optimizer.state_dict()["state"][0]["exp_avg"].tolist())
