"""Cycles that shrink by a function of the program, and settings that they refuse."""
import torch

cyclic, one = torch.optim.lr_scheduler.CyclicLR, torch.optim.lr_scheduler.OneCycleLR
for mode in ("cycle", "iterations"):
    optimizer = torch.optim.SGD([torch.ones(1)], lr=0.1, momentum=0.9)
    schedule = cyclic(optimizer, 0.01, 0.1, 2, scale_fn=lambda at: 0.5**at, scale_mode=mode)
    for _ in range(6):
        optimizer.step()
        schedule.step()
        print([f"{each:.6f}" for each in (*schedule.get_last_lr(), optimizer.param_groups[0]["momentum"])])
    print("scale_fn" in schedule.state_dict())
for make in (
    lambda: cyclic(optimizer, [0.01, 0.1], 0.1),
    lambda: one(optimizer, 0.1, total_steps=3, pct_start=2.0),
):
    try:
        make()
    except ValueError as error:
        print(error)
