import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical
from collections import deque, namedtuple
import random
torch.manual_seed(543); random.seed(543)
SavedAction = namedtuple('SavedAction', ['log_prob', 'value'])
class Env:
    def __init__(self): self.pos = 0.; self.t = 0
    def reset(self):
        self.pos, self.t = random.uniform(-0.5, 0.5), 0
        return [self.pos, float(self.t)]
    def step(self, action):
        self.pos += 0.2 if action == 1 else -0.2
        self.t += 1
        reward = 1.0 - abs(self.pos)
        done = abs(self.pos) > 1 or self.t >= 10
        return [self.pos, self.t / 10], reward, done, {}
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(2, 8)
        self.action_head = nn.Linear(8, 2)
        self.value_head = nn.Linear(8, 1)
        self.saved_actions = []
        self.rewards = []
    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)
env = Env()
model = Policy()
optimizer = optim.Adam(model.parameters(), lr=3e-2)
eps = torch.finfo(torch.float32).eps
def select_action(state):
    state = torch.tensor(state).float()
    probs, state_value = model(state)
    m = Categorical(probs)
    action = m.sample()
    model.saved_actions.append(SavedAction(m.log_prob(action), state_value))
    return action.item()
def finish_episode(gamma=0.99):
    R = 0
    policy_losses, value_losses = [], []
    returns = deque()
    for r in model.rewards[::-1]:
        R = r + gamma * R
        returns.appendleft(R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    del model.rewards[:]
    del model.saved_actions[:]
    return loss.item()
running_reward = 10
for i_episode in range(6):
    state = env.reset()
    ep_reward = 0
    for t in range(1, 100):
        action = select_action(state)
        state, reward, done, _ = env.step(action)
        model.rewards.append(reward)
        ep_reward += reward
        if done:
            break
    running_reward = 0.05 * ep_reward + (1 - 0.05) * running_reward
    l = finish_episode()
    print('Episode {}\tLast reward: {:.2f}\tAverage reward: {:.2f}\tloss {:.4f}'.format(i_episode, ep_reward, running_reward, l))
# DQN replay
Transition = namedtuple('Transition', ('state', 'action', 'next_state', 'reward'))
class ReplayMemory(object):
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)
    def push(self, *args):
        self.memory.append(Transition(*args))
    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)
    def __len__(self):
        return len(self.memory)
mem = ReplayMemory(20)
policy_net, target_net = nn.Linear(2, 2), nn.Linear(2, 2)
target_net.load_state_dict(policy_net.state_dict())
s = env.reset()
for i in range(25):
    st = torch.tensor([s])
    if random.random() > 0.5:
        with torch.no_grad():
            a = policy_net(st).max(1).indices.view(1, 1)
    else:
        a = torch.tensor([[random.randrange(2)]], dtype=torch.long)
    s, r, done, _ = env.step(a.item())
    mem.push(st, a, None if done else torch.tensor([s]), torch.tensor([r]))
    if done: s = env.reset()
batch = Transition(*zip(*mem.sample(8)))
mask = torch.tensor(tuple(map(lambda s: s is not None, batch.next_state)), dtype=torch.bool)
nf = torch.cat([s for s in batch.next_state if s is not None])
sb, ab, rb = torch.cat(batch.state), torch.cat(batch.action), torch.cat(batch.reward)
q = policy_net(sb).gather(1, ab)
nv = torch.zeros(8)
with torch.no_grad():
    nv[mask] = target_net(nf).max(1).values
loss = nn.SmoothL1Loss()(q, (nv * 0.99 + rb).unsqueeze(1))
loss.backward()
torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
print(loss, policy_net.weight.grad, len(mem))
sd, td = policy_net.state_dict(), target_net.state_dict()
for key in sd:
    td[key] = sd[key]*0.005 + td[key]*(1-0.005)
print(target_net.load_state_dict(td))
