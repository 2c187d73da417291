import torch
import torch.nn.functional as F

logits = torch.tensor([[2.0, 1.0, 0.1], [0.5, 2.5, 0.3]], requires_grad=True)
target = torch.tensor([0, 1])

def softmax(X):
    X_exp = torch.exp(X)
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition

probs = softmax(logits)
print(probs)
print(probs.sum(1))
loss = -torch.log(probs[[0, 1], target]).mean()
print(loss)
loss.backward()
print(logits.grad)
print((probs - F.one_hot(target, 3)) / 2)
print(F.cross_entropy(logits, target))
