import torch

def main():
    x = torch.tensor(3.0, requires_grad=True)
    y = x ** 2
    y.backward()
    print(f'dy/dx = {x.grad}')

if __name__ == "__main__":
    main()
if __name__ == '__main__':
    print("ok")
