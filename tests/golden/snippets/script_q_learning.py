import random
from collections import deque, namedtuple
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

random.seed(0); np.random.seed(0); torch.manual_seed(0)
Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))


class GridWorld:
    ACTIONS = {0: (-1, 0), 1: (1, 0), 2: (0, -1), 3: (0, 1)}

    def __init__(self, n=3):
        self.n = n
        self.goal = (n - 1, n - 1)
        self.reset()

    def reset(self):
        self.pos = (0, 0)
        return self._obs()

    def _obs(self):
        v = np.zeros(self.n * self.n, dtype=np.float32)
        v[self.pos[0] * self.n + self.pos[1]] = 1.0
        return v

    def step(self, a):
        dr, dc = self.ACTIONS[a]
        r = min(max(self.pos[0] + dr, 0), self.n - 1)
        c = min(max(self.pos[1] + dc, 0), self.n - 1)
        self.pos = (r, c)
        done = self.pos == self.goal
        return self._obs(), (1.0 if done else -0.04), done, {}


class ReplayMemory(object):
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        """Save a transition"""
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DQN, self).__init__()
        self.layer1 = nn.Linear(n_observations, 32)
        self.layer2 = nn.Linear(32, n_actions)

    def forward(self, x):
        return self.layer2(torch.relu(self.layer1(x)))


BATCH_SIZE, GAMMA, TAU, LR = 16, 0.95, 0.05, 1e-2
EPS_START, EPS_END, EPS_DECAY = 0.9, 0.05, 100
env = GridWorld()
policy_net, target_net = DQN(9, 4), DQN(9, 4)
target_net.load_state_dict(policy_net.state_dict())
optimizer = optim.AdamW(policy_net.parameters(), lr=LR, amsgrad=True)
memory = ReplayMemory(500)
steps_done = 0


def select_action(state):
    global steps_done
    eps = EPS_END + (EPS_START - EPS_END) * np.exp(-1.0 * steps_done / EPS_DECAY)
    steps_done += 1
    if random.random() > eps:
        with torch.no_grad():
            return policy_net(state).max(1).indices.view(1, 1)
    return torch.tensor([[random.randrange(4)]], dtype=torch.long)


def optimize_model():
    if len(memory) < BATCH_SIZE:
        return None
    transitions = memory.sample(BATCH_SIZE)
    batch = Transition(*zip(*transitions))
    non_final_mask = torch.tensor(tuple(map(lambda s: s is not None, batch.next_state)), dtype=torch.bool)
    non_final_next_states = torch.cat([s for s in batch.next_state if s is not None])
    state_batch = torch.cat(batch.state)
    action_batch = torch.cat(batch.action)
    reward_batch = torch.cat(batch.reward)
    q = policy_net(state_batch).gather(1, action_batch)
    next_v = torch.zeros(BATCH_SIZE)
    with torch.no_grad():
        next_v[non_final_mask] = target_net(non_final_next_states).max(1).values
    expected = (next_v * GAMMA) + reward_batch
    loss = nn.SmoothL1Loss()(q, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss.item()


lens = []
for ep in range(12):
    state = torch.tensor(env.reset()).unsqueeze(0)
    for t in range(30):
        action = select_action(state)
        obs, reward, done, _ = env.step(action.item())
        nxt = None if done else torch.tensor(obs, dtype=torch.float32).unsqueeze(0)
        memory.push(state, action, nxt, torch.tensor([reward]))
        state = nxt
        loss = optimize_model()
        tsd, psd = target_net.state_dict(), policy_net.state_dict()
        for key in psd:
            tsd[key] = psd[key] * TAU + tsd[key] * (1 - TAU)
        target_net.load_state_dict(tsd)
        if done:
            break
    lens.append(t + 1)
print(lens)
print(f"mean of last 5: {np.mean(lens[-5:]):.1f}, memory {len(memory)}, steps {steps_done}")
print(Transition(1, 2, 3, 4), Transition(1, 2, 3, reward=0)._replace(state=0))


def discounted(rewards, gamma=0.9):
    R, out = 0, []
    for r in rewards[::-1]:
        R = r + gamma * R
        out.insert(0, R)
    out = torch.tensor(out)
    return (out - out.mean()) / (out.std() + np.finfo(np.float32).eps.item())


print(discounted([0., 0., 1.]))
