"""What `math` makes of tensors, how norms and lists of parameters print, and GroupNorm without a bias."""

import torch, math
import torch.nn as nn
for m in (nn.GroupNorm(1,3), nn.GroupNorm(1,3,affine=False), nn.GroupNorm(1,3,bias=False), nn.LayerNorm(3), nn.LayerNorm(3,bias=False), nn.LayerNorm(3,elementwise_affine=False), nn.RMSNorm(3), nn.BatchNorm1d(3), nn.BatchNorm2d(3,affine=False), nn.InstanceNorm1d(3), nn.InstanceNorm1d(3,affine=True), nn.LocalResponseNorm(2), nn.Linear(2,3), nn.Conv1d(1,2,3), nn.Conv2d(1,2,3,padding=1,bias=False), nn.ConvTranspose2d(1,2,3), nn.Bilinear(1,2,3), nn.Embedding(3,2), nn.EmbeddingBag(3,2), nn.LSTM(2,3), nn.GRU(2,3,num_layers=2,batch_first=True), nn.RNN(2,3), nn.LSTMCell(2,3), nn.RNNCell(2,3), nn.MultiheadAttention(4,2), nn.TransformerEncoderLayer(4,2,8), nn.Dropout(0.3), nn.Softmax(1), nn.LogSoftmax(), nn.ELU(), nn.GELU(), nn.SELU(), nn.PReLU(), nn.LeakyReLU(), nn.Hardtanh(), nn.Threshold(1,2), nn.Softplus(), nn.CELU(), nn.GLU(), nn.Softshrink(), nn.Hardshrink(), nn.Tanhshrink(), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.MaxPool1d(2), nn.AvgPool1d(2), nn.Flatten(), nn.Unflatten(1,(2,2)), nn.Upsample(scale_factor=2), nn.PixelShuffle(2), nn.ZeroPad2d(1), nn.ReflectionPad1d(1), nn.CosineSimilarity(), nn.PairwiseDistance(), nn.Identity(), nn.MSELoss(), nn.CrossEntropyLoss(), nn.BCELoss(), nn.Fold(2,2), nn.Unfold(2), nn.ReLU(inplace=True), nn.Mish(), nn.SiLU(), nn.Hardswish(), nn.RReLU() if False else nn.ReLU6(), nn.ModuleDict({'a': nn.ReLU()}), nn.Sequential(nn.Linear(1,2), nn.Sequential(nn.ReLU())), nn.AlphaDropout(), nn.ChannelShuffle(2)):
    print(m, len(list(m.parameters())))
t = torch.tensor(2.0, requires_grad=True)
def p(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
for f in (lambda: math.sqrt(t), lambda: math.exp(t*1), lambda: math.pow(t, 2), lambda: math.floor(t), lambda: math.sqrt(torch.ones(2)), lambda: math.sqrt(torch.tensor([4.])), lambda: math.isnan(t), lambda: math.sin(torch.tensor(1)), lambda: math.log(t, 2), lambda: math.sqrt([1]), lambda: math.sqrt(-t), lambda: math.ceil(torch.tensor(1.5)), lambda: math.fabs(-t), lambda: math.log(torch.tensor(0.)), lambda: math.isclose(t, 2.0), lambda: math.isinf(torch.ones(3)), lambda: math.hypot(t, t), lambda: math.atan2(t, 1), lambda: math.degrees(t), lambda: math.sqrt(t).backward()):
    p(f)
print(nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2,3))]))
print(nn.ParameterList([]))
print(nn.ParameterDict({'a': nn.Parameter(torch.ones(2))}))
print(nn.ParameterDict({'a': nn.Parameter(torch.ones(2)), 'b': nn.Parameter(torch.ones(()))}))
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.ParameterList([nn.Parameter(torch.ones(2))])
        self.l = nn.Linear(1,2)
print(M())
