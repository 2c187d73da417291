import torch
from torch import nn

torch.manual_seed(8)
x = torch.randn(2, 4, 6)
gn, pool, conv = nn.GroupNorm(2, 4), nn.AdaptiveAvgPool1d(2), nn.Conv3d(1, 2, 2)
print(pool, conv, nn.TripletMarginLoss())
print(gn(x)[0, 0], pool(x)[0], conv(torch.randn(1, 1, 3, 3, 3)).shape)
print(nn.TripletMarginLoss()(x[0], x[1], -x[0]), nn.MarginRankingLoss()(x[0, 0], x[0, 1], torch.ones(6)))
emb = nn.Embedding.from_pretrained if False else nn.Embedding(4, 2)
print(emb(torch.tensor([3, 1])), nn.CosineSimilarity(dim=1)(x[0], x[1]), nn.PairwiseDistance()(x[0], x[1]))
print(nn.Linear(2, 3, dtype=torch.float64).weight.dtype, nn.Linear(2, 2).double().bias.dtype)
print(nn.GroupNorm(1, 2).weight, nn.ParameterList([nn.Parameter(torch.ones(1))])[0])
dict_ = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.ReLU()})
print(dict_, list(dict_.keys()), dict_["b"])
