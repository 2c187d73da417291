"""`torch.nn`, `optim`, `distributions` and `utils.data`: modules, schedules, data. Loaded when asked for."""
