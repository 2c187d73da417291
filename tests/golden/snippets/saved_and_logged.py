import io
import logging
import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Function, gradcheck, gradgradcheck

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
logger = logging.getLogger(__name__)
torch.manual_seed(0)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model(torch.ones(1, 2)).sum().backward()
optimizer.step()
torch.save({"epoch": 3, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, "checkpoint.pt")
logger.info("saved after epoch %d", 3)
with torch.no_grad():
    model.weight.zero_()
checkpoint = torch.load("checkpoint.pt", map_location="cpu", weights_only=True)
print(model.load_state_dict(checkpoint["model"]), checkpoint["epoch"], model.weight)
optimizer.load_state_dict(checkpoint["optimizer"])
buffer = io.BytesIO()
torch.save(torch.arange(3), buffer)
buffer.seek(0)
print(torch.load(buffer))
told = model.load_state_dict({"weight": torch.ones(1, 2), "other": torch.ones(1)}, strict=False)
print(told.missing_keys, told.unexpected_keys, told)
try:
    torch.load("nowhere.pt")
except FileNotFoundError as e:
    print(e)


class Sinh(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (torch.exp(x) - torch.exp(-x)) / 2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (torch.exp(x) + torch.exp(-x)) / 2


x = torch.tensor([0.5, 1.0], dtype=torch.double, requires_grad=True)
print(gradcheck(Sinh.apply, x), gradgradcheck(Sinh.apply, x))
print(next(model.parameters()).data.new(2, 3).zero_().shape, x.new_zeros(2).dtype)
a = np.arange(4, dtype=np.float32)
print(a.dtype == np.float32, a.dtype == np.float64, a.dtype == "float32", np.mean(a, dtype=np.float64))
print(np.linalg.norm(np.array([3, 4])), np.linalg.norm([1, 2, 2]), np.linalg.inv(np.array([[2, 0], [0, 4]])))
