import torch
x = torch.tensor([1.5, 2.5])
w = 10
print(f"{x[0]:>{w}.2f}|{x.sum().item():<{w}}|")
print(f"{'yes' if x[0] > 1 else 'no'} {x.max().item()} {[1, 2][0]} {(1, 2)}")
print(f'{x.shape[0]}x{len(x)}' f" joined" " plain")
print(f"{3.14159:.2f} {42:5d} {42:<5}| {42:^5}| {1e-7:.1e} {0.5:%} {1234567.891:,.2f} {255:x} {5:b} {-3:+d}")
print(f"{True} {None} {1.0} {1e20} {float('nan')}")
print(F"{w!s:>5}" rf"\d{w}")
print(f"""multi
{w}""")
print(f"{w = } {w=:>4}")
