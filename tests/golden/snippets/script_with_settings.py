import torch
from torch import nn
from torch.cuda.amp import autocast, GradScaler
import contextlib
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
if torch.cuda.is_available():
    torch.cuda.manual_seed_all(0)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
use_amp = False
net = nn.Linear(3, 1).to(device)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler(device, enabled=use_amp)
x, y = torch.randn(4, 3), torch.randn(4, 1)
for epoch in range(3):
    with torch.autocast(device_type=device, dtype=torch.float16, enabled=use_amp):
        output = net(x)
        loss = nn.functional.mse_loss(output, y)
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm=0.5)
    scaler.step(opt)
    scaler.update()
    opt.zero_grad()
    print(f"{loss.item():.4f}")
ctx = contextlib.nullcontext()
with ctx:
    print(net(x).shape)
print(torch.get_default_dtype(), torch.cuda.device_count(), torch.__version__[:1])
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
print(sum(p.nelement() * p.element_size() for p in net.parameters()))
print(vars(net)["training"], vars(net)["in_features"], contextlib.nullcontext() is None)
x = torch.arange(4.0).view(1, 1, 2, 2)
print(nn.UpsamplingNearest2d(scale_factor=2), nn.UpsamplingNearest2d(scale_factor=2)(x))
print(nn.UpsamplingBilinear2d(size=(3, 3))(x), nn.UpsamplingBilinear2d(scale_factor=2))
