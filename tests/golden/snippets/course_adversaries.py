import torch
import torch.nn as nn
import torch.optim as optim
import numpy as np
torch.manual_seed(3); np.random.seed(3)
data_mean, data_stddev = 4, 1.25
g_input_size, g_hidden, g_out = 1, 5, 1
d_input_size, d_hidden = 10, 6
minibatch_size = 10
def get_distribution_sampler(mu, sigma):
    return lambda n: torch.Tensor(np.random.normal(mu, sigma, (1, n)))
def get_generator_input_sampler():
    return lambda m, n: torch.rand(m, n)
class Generator(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, f):
        super(Generator, self).__init__()
        self.map1 = nn.Linear(input_size, hidden_size)
        self.map2 = nn.Linear(hidden_size, hidden_size)
        self.map3 = nn.Linear(hidden_size, output_size)
        self.f = f
    def forward(self, x):
        x = self.map1(x)
        x = self.f(x)
        x = self.map2(x)
        x = self.f(x)
        return self.map3(x)
class Discriminator(Generator):
    def forward(self, x):
        return torch.sigmoid(super().forward(x))
def extract(v):
    return v.data.storage().tolist()
def stats(d):
    return [np.mean(d), np.std(d)]
d_sampler = get_distribution_sampler(data_mean, data_stddev)
gi_sampler = get_generator_input_sampler()
G = Generator(g_input_size, g_hidden, g_out, torch.tanh)
D = Discriminator(d_input_size, d_hidden, 1, torch.sigmoid)
criterion = nn.BCELoss()
d_opt = optim.SGD(D.parameters(), lr=1e-1, momentum=0.9)
g_opt = optim.SGD(G.parameters(), lr=1e-1, momentum=0.9)
for epoch in range(6):
    for _ in range(2):
        D.zero_grad()
        d_real_data = d_sampler(d_input_size)
        d_real_decision = D(d_real_data)
        d_real_error = criterion(d_real_decision, torch.ones([1, 1]))
        d_real_error.backward()
        d_gen_input = gi_sampler(minibatch_size, g_input_size)
        d_fake_data = G(d_gen_input).detach()
        d_fake_decision = D(d_fake_data.t())
        d_fake_error = criterion(d_fake_decision, torch.zeros([1, 1]))
        d_fake_error.backward()
        d_opt.step()
        dre, dfe = d_real_error.item(), d_fake_error.item()
    G.zero_grad()
    g_fake = G(gi_sampler(minibatch_size, g_input_size))
    dg = D(g_fake.t())
    g_error = criterion(dg, torch.ones([1, 1]))
    g_error.backward()
    g_opt.step()
    fake = g_fake.detach().numpy().reshape(-1)
    print("Epoch %s: D (%.4f real_err, %.4f fake_err) G (%.4f err); Real Dist (%.3f, %.3f), Fake Dist (%.3f, %.3f)" %
          (epoch, dre, dfe, g_error.item(), d_real_data.mean(), d_real_data.std(), fake.mean(), np.std(fake)))
# WGAN-GP
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    def forward(self, x): return self.net(x).squeeze(-1)
critic = Critic()
def gradient_penalty(critic, real, fake, lam=10.):
    eps = torch.rand(real.size(0), 1)
    inter = (eps * real + (1 - eps) * fake).requires_grad_(True)
    out = critic(inter)
    grad = torch.autograd.grad(outputs=out, inputs=inter, grad_outputs=torch.ones_like(out), create_graph=True, retain_graph=True, only_inputs=True)[0]
    return lam * ((grad.norm(2, dim=1) - 1) ** 2).mean()
real, fake = torch.randn(8, 2) + 3, torch.randn(8, 2)
opt = optim.RMSprop(critic.parameters(), lr=5e-3)
for i in range(4):
    loss = critic(fake).mean() - critic(real).mean() + gradient_penalty(critic, real, fake)
    opt.zero_grad(); loss.backward(); opt.step()
    print(f'{loss.item():.4f}')
for p in critic.parameters():
    p.data.clamp_(-0.1, 0.1)
print(critic(real))
def weights_init(m):
    classname = m.__class__.__name__
    if classname.find('Linear') != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
        nn.init.constant_(m.bias.data, 0)
critic.apply(weights_init)
print(critic.net[0].weight)
