"""`torch.nn` and `torch.optim`: modules, initial values, optimisers, schedules. Loaded when asked for."""
