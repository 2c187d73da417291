# A recurrent network written by hand, weights that are shared, frozen and taken over.
import copy
import torch
from torch import nn
from collections import OrderedDict

torch.manual_seed(6)

class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        return self.h2o(hidden), hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)

rnn = RNN(3, 5, 2)
optimizer = torch.optim.SGD([
    {"params": rnn.i2h.parameters(), "lr": 0.05},
    {"params": rnn.h2o.parameters()},
], lr=0.1, momentum=0.5)
sequences = [(torch.randn(4, 1, 3), torch.tensor([i % 2])) for i in range(4)]
for epoch in range(10):
    total = 0.0
    for seq, target in sequences:
        hidden = rnn.initHidden()
        for step in seq:
            output, hidden = rnn(step, hidden)
        loss = nn.functional.cross_entropy(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 0:
        print(f"{epoch:>2} {total:.3f}")
state = rnn.state_dict()
for param_tensor in state:
    print(param_tensor, "\t", state[param_tensor].size())
other = RNN(3, 5, 2)
print(other.load_state_dict(state))
out1, _ = rnn(torch.ones(1, 3), rnn.initHidden())
out2, _ = other(torch.ones(1, 3), other.initHidden())
print(torch.allclose(out1, out2))
for name, param in other.named_parameters():
    if name.startswith("i2h"):
        param.requires_grad = False
trainable = [name for name, p in other.named_parameters() if p.requires_grad]
print(trainable)
model = nn.Sequential(OrderedDict([("first", nn.Linear(2, 3)), ("act", nn.Tanh()), ("last", nn.Linear(3, 1))]))
print(model, model.first.weight.shape)
print(torch.__version__[:4])
