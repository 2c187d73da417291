import torch
from torch import nn

torch.manual_seed(3)
w = torch.empty(3, 5)
for f in (nn.init.uniform_, nn.init.normal_, nn.init.xavier_uniform_, nn.init.xavier_normal_, nn.init.kaiming_uniform_,
          nn.init.kaiming_normal_, nn.init.ones_, nn.init.zeros_, nn.init.eye_):
    print(f(w))
print(nn.init.uniform_(w, -0.1, 0.1), nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"))
print(nn.init.trunc_normal_(w, std=0.02), nn.init.constant_(w, 0.3), nn.init.calculate_gain("tanh"))
print(nn.Linear(4, 2).weight, nn.Linear(4, 2, bias=False).bias, nn.Conv2d(1, 2, 2).weight, nn.Conv1d(2, 1, 3).bias)
print(nn.Embedding(3, 2).weight, nn.Bilinear(2, 3, 1).weight, nn.LayerNorm(2).weight, nn.BatchNorm1d(2).running_var)
print(nn.Parameter(torch.tensor([1.0, 2.0])), [nn.Parameter(torch.zeros(1))])
bn = nn.BatchNorm1d(3)
print(list(bn.named_parameters()), list(bn.named_buffers()), bn.state_dict())
