import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence, pack_sequence
torch.manual_seed(0)
seqs = [torch.tensor([1., 2., 3.]), torch.tensor([4., 5.]), torch.tensor([6.])]
padded = pad_sequence(seqs, batch_first=True, padding_value=-1)
lens = torch.tensor([len(s) for s in seqs])
packed = pack_padded_sequence(padded.unsqueeze(-1), lens, batch_first=True)
print(packed.batch_sizes, packed.data.flatten())
print(packed)
rnn = nn.GRU(1, 2, batch_first=True)
o, h = rnn(packed)
out, l = pad_packed_sequence(o, batch_first=True)
print(out.shape, l, h.shape)
print(out.detach(), h.detach())
lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
x = torch.randn(3, 5, 3, requires_grad=True)
lengths = torch.tensor([2, 5, 3])
p = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
print(p.batch_sizes, p.sorted_indices, p.unsorted_indices)
out, (h, c) = lstm(p)
y, ls = pad_packed_sequence(out, batch_first=True, total_length=6)
print(y.shape, ls, h.shape, c.shape)
print(y.detach()[0], h.detach()[-1])
(y.sum() + h.sum() + c.sum()).backward()
print(x.grad[:, :, 0], lstm.weight_ih_l0.grad[0], lstm.weight_hh_l1_reverse.grad[0])
h0 = torch.randn(1, 3, 2)
o, h = rnn(pack_padded_sequence(torch.randn(3, 4, 1), [1, 4, 2], batch_first=True, enforce_sorted=False), h0)
print(pad_packed_sequence(o)[0].detach()[:, 0], h.detach())
s = pack_sequence(seqs)
print(s.data, s.batch_sizes)
r = nn.RNN(1, 2)
print(pad_packed_sequence(r(pack_sequence([t.unsqueeze(1) for t in seqs]))[0])[0].shape)
try:
    pack_padded_sequence(padded, [1, 2, 3], batch_first=True)
except RuntimeError as e:
    print(e)
try:
    pack_padded_sequence(padded, [3, 2], batch_first=True)
except RuntimeError as e:
    print(e)
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 4, padding_idx=0)
        self.rnn = nn.LSTM(4, 3, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(6, 2)
    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.emb(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.fc(torch.cat([h[-2], h[-1]], dim=1))
torch.manual_seed(3)
m = Tagger()
tok = pad_sequence([torch.tensor([1, 2]), torch.tensor([3, 4, 5])], batch_first=True)
opt = torch.optim.Adam(m.parameters(), lr=0.05)
for step in range(3):
    loss = nn.functional.cross_entropy(m(tok, torch.tensor([2, 3])), torch.tensor([0, 1]))
    opt.zero_grad(); loss.backward(); opt.step()
    print(f"{loss.item():.4f}")
