import torch
def f(x):
	y = x * 2
	if y > 3:
		return y
	else:
		return -y
print(f(torch.tensor(1.)), f(torch.tensor(2.)))
if True:
        print("eight")
        if True:
          print("two more")
