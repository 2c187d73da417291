import torch
from torch import nn

torch.manual_seed(0)
for kind in (nn.RNN, nn.LSTM, nn.GRU):
    for bias, batch_first, bidirectional, layers in (
        (True, False, False, 1),
        (True, True, True, 2),
        (False, False, True, 2),
        (False, True, False, 2),
    ):
        m = kind(3, 4, layers, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
        x = torch.randn(2, 5, 3, requires_grad=True)
        h = torch.randn(layers * (1 + bidirectional), 2 if batch_first else 5, 4)
        out, state = m(x, (h, h * 0.5) if kind is nn.LSTM else h)
        (out * torch.randn_like(out)).sum().backward()
        print(m, out.shape, out.grad_fn.name())
        print(" ".join(f"{p.grad.abs().sum().item():.2f}" for p in [x, *m.parameters()]))

m = nn.LSTM(3, 4, num_layers=2, dropout=0.5)
out, (h, c) = m(torch.randn(5, 3))
print(out.shape, h.shape, c.shape, [f"{v:.3f}" for v in h.flatten().tolist()])
print(m.eval().training, list(m.state_dict().keys()), m.hidden_size, m.num_layers)
print(m.double()(torch.ones(2, 1, 3, dtype=torch.double))[0])
print(nn.RNN(3, 4, nonlinearity="relu")(torch.randn(2, 1, 3))[0])

hx, cx = torch.zeros(2, 4), torch.zeros(2, 4)
cell = nn.LSTMCell(3, 4)
for step in range(3):
    hx, cx = cell(torch.randn(2, 3), (hx, cx))
print(cell, hx, cx)
print(nn.GRUCell(3, 2, bias=False), nn.GRUCell(3, 2)(torch.randn(3)))
print(nn.RNNCell(3, 2, nonlinearity="relu"), nn.RNNCell(3, 2)(torch.ones(1, 3), torch.ones(1, 2)))

up = nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2)
print(up, up(torch.randn(1, 4, 2, 2)).shape, up.weight.shape, up.bias)

for bad in (
    lambda: nn.RNN(3, 4)(torch.ones(2, 2, 5)),
    lambda: nn.RNN(3, 4)(torch.ones(2, 2, 3), torch.ones(1, 3, 4)),
    lambda: nn.RNN(3, 4, nonlinearity="x"),
    lambda: nn.GRU(3, 0),
    lambda: nn.LSTM(3, 4)(torch.ones(3)),
):
    try:
        bad()
    except (RuntimeError, ValueError) as error:
        print(type(error).__name__, error)
