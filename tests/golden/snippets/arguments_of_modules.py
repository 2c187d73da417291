"""Modules are called with names too, and refuse other arguments as Python does."""

import torch, torch.nn as nn
x = torch.ones(2,3)
for f in (lambda: nn.MSELoss()(x), lambda: nn.MSELoss()(), lambda: nn.Linear(3,2)(), lambda: nn.Linear(3,2)(x,x), lambda: nn.ReLU()(x,x), lambda: nn.Bilinear(2,2,1)(x), lambda: nn.MultiheadAttention(4,2)(x), lambda: nn.TripletMarginLoss()(x,x), lambda: nn.TripletMarginLoss()(x), lambda: nn.GaussianNLLLoss()(x,x), lambda: nn.MSELoss()(x,x,x), lambda: nn.Sequential(nn.ReLU())(x,x), lambda: nn.Dropout()(x,x), lambda: nn.LSTM(3,2)(), lambda: nn.Embedding(3,2)(), lambda: nn.CTCLoss()(x,x), lambda: nn.Softmax(0)(x,x), lambda: nn.Flatten()(), lambda: nn.CrossEntropyLoss()(x), lambda: nn.Conv2d(1,2,3)(x,x,x), lambda: nn.Identity()(x,x), lambda: nn.ReLU()(foo=x), lambda: nn.ReLU()(input=x).sum(), lambda: nn.MSELoss()(input=x,target=x), lambda: torch.optim.LBFGS([x]).step()):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e).split("\n")[0])
class N(nn.Module):
    def forward(self, x, y): return x+y
try: N()(x)
except Exception as e: print(type(e).__name__, str(e))
try: N()(x,x,x)
except Exception as e: print(type(e).__name__, str(e))
