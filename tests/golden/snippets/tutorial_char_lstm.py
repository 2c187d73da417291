import torch
import torch.nn as nn
import torch.optim as optim
torch.manual_seed(1)
text = "hello world, hello torch"
chars = sorted(list(set(text)))
char_to_idx = {ch: i for i, ch in enumerate(chars)}
idx_to_char = {i: ch for i, ch in enumerate(chars)}
print(chars, len(chars))
data = torch.tensor([char_to_idx[c] for c in text], dtype=torch.long)

class CharLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_dim, num_layers=1):
        super(CharLSTM, self).__init__()
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_dim, vocab_size)

    def forward(self, x, hidden=None):
        out, hidden = self.lstm(self.embedding(x), hidden)
        out = self.fc(out)
        return out, hidden

    def init_hidden(self, batch_size):
        return (torch.zeros(self.num_layers, batch_size, self.hidden_dim),
                torch.zeros(self.num_layers, batch_size, self.hidden_dim))

model = CharLSTM(len(chars), 8, 16)
print(model)
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.05)
for epoch in range(8):
    hidden = model.init_hidden(1)
    hidden = tuple(h.detach() for h in hidden)
    optimizer.zero_grad()
    out, hidden = model(data[:-1].unsqueeze(0), hidden)
    loss = criterion(out.view(-1, len(chars)), data[1:])
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    if (epoch + 1) % 2 == 0:
        print('Epoch: {:03d}, loss: {:.4f}, perplexity {:5.2f}'.format(epoch + 1, loss.item(), torch.exp(loss).item()))

def sample(model, start, length=10):
    model.eval()
    with torch.no_grad():
        idx = torch.tensor([[char_to_idx[start]]])
        hidden = None
        result = [start]
        for _ in range(length):
            out, hidden = model(idx, hidden)
            prob = torch.softmax(out[0, -1], dim=0).data
            top = torch.max(prob, dim=0)[1].item()
            result.append(idx_to_char[top])
            idx = torch.tensor([[top]])
    return ''.join(result)
print(sample(model, 'h'))
