import torch
s = set("hello")
print(sorted(s), len(s), "h" in s, "z" in s, list(set([3])), set(), {1: set([2])})
s.add("q"); s.discard("h"); s.update("ab")
print(sorted(s), sorted(set([1, 2, 3]).intersection([2, 3, 4])), isinstance(s, set), isinstance(s, dict), type(s))
for c in sorted(set([(1, 2), (1, 1), (0, 5)])):
    print(c)
print((1, 2) < (1, 3), [1] < [1, 0], (2,) >= (2,), max([(1, "b"), (1, "c")]), len.__name__, torch.relu.__name__)
print(set([1, 2]) == set([2, 1]), bool(set()))
vocab = {w: i for i, w in enumerate(sorted(set("the cat the dog".split())))}
print(vocab)
