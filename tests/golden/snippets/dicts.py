import torch

config = {"lr": 0.1, "steps": 3, 7: [1, 2], (1, 2): None}
print(config, len(config), "lr" in config, "x" not in config, config["lr"])
config["lr"] *= 2
config["new"] = torch.tensor([1.0])
for key, value in config.items():
    print(key, value)
print(list(config.keys()), list(config.values())[:2], config.get("none"), config.get("none", 5))
print(config.pop(7), config.setdefault("steps", 9), config.setdefault("more", 9))
del config[(1, 2)]
print(config.keys(), dict(a=1, b=2), dict([("c", 3)]), {**config, "lr": 1})
params = {"w": torch.tensor(2.0, requires_grad=True), "b": torch.tensor(0.5, requires_grad=True)}
loss = (params["w"] * 3 + params["b"] - 1) ** 2
loss.backward()
grads = {name: p.grad.item() for name, p in params.items()}
print(grads, {"a": 1} == {"a": 1}, {"a": [1]} == {"a": [2]}, sorted(grads))
history = {"loss": []}
for step in range(3):
    history["loss"].append(step / 2)
print(history, bool({}), "%(lr).2f %(steps)d" % config)
