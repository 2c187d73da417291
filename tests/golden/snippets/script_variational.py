import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence, Bernoulli

torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("Using", device)


class Encoder(nn.Module):
    def __init__(self, in_dim, hid, z):
        super(Encoder, self).__init__()
        self.fc = nn.Linear(in_dim, hid)
        self.mu = nn.Linear(hid, z)
        self.logvar = nn.Linear(hid, z)

    def forward(self, x):
        h = F.relu(self.fc(x))
        return self.mu(h), self.logvar(h)


class Decoder(nn.Module):
    def __init__(self, z, hid, out):
        super(Decoder, self).__init__()
        self.fc1, self.fc2 = nn.Linear(z, hid), nn.Linear(hid, out)

    def forward(self, z):
        return torch.sigmoid(self.fc2(F.relu(self.fc1(z))))


class VAE(nn.Module):
    def __init__(self, in_dim=12, hid=16, z=3):
        super().__init__()
        self.encoder = Encoder(in_dim, hid, z)
        self.decoder = Decoder(z, hid, in_dim)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return eps.mul(std).add_(mu)

    def forward(self, x):
        mu, logvar = self.encoder(x.view(x.size(0), -1))
        z = self.reparameterize(mu, logvar)
        return self.decoder(z), mu, logvar


def loss_function(recon_x, x, mu, logvar, beta=1.0):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 12), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + beta * KLD, BCE, KLD


data = torch.bernoulli(torch.rand(40, 3, 4))
model = VAE().to(device)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
print(model)
model.train()
for epoch in range(3):
    perm = torch.randperm(data.size(0))
    total = 0.0
    for idx in perm.split(10):
        batch = data[idx].to(device)
        opt.zero_grad()
        recon, mu, logvar = model(batch)
        loss, bce, kld = loss_function(recon, batch, mu, logvar)
        loss.backward()
        total += loss.item()
        opt.step()
    print("====> Epoch: {} Average loss: {:.4f}".format(epoch, total / len(data)))
model.eval()
with torch.no_grad():
    mu, logvar = model.encoder(data.flatten(1))
    q = Normal(mu, (0.5 * logvar).exp())
    p = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    kl = kl_divergence(q, p).sum(-1)
    print(kl.shape, round(kl.mean().item(), 3))
    closed = (-0.5 * (1 + logvar - mu ** 2 - logvar.exp())).sum(1)
    print(torch.allclose(kl, closed, atol=1e-5))
    sample = model.decoder(torch.randn(2, 3)).view(2, 3, 4)
    print(sample.size(), ((sample > 0) & (sample < 1)).all())
    px = Bernoulli(probs=model.decoder(q.mean))
    print(px)
    ll = px.log_prob(data.flatten(1)).sum(dim=1)
    print(f"log p(x|z): {ll.mean():.3f} +- {ll.std():.3f}")
q = Normal(torch.tensor([0.5], requires_grad=True), torch.tensor([1.0], requires_grad=True))
print(q)
z = q.rsample((2,))
print(z.shape, z.requires_grad, q.sample().requires_grad)
print(q.entropy(), q.stddev, q.variance)
print(model.state_dict().keys())
print(next(model.parameters()).device, next(iter(model.named_parameters()))[0])
