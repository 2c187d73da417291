import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    (x * 2).backward()
except RuntimeError as e:
    print("RuntimeError:", e)
y = (x * x).sum()
y.backward()
try:
    y.backward()
except RuntimeError as e:
    print(e)
try:
    torch.tensor([1, 2], requires_grad=True)
except RuntimeError as e:
    print(type(e).__name__, e)
try:
    torch.ones(2, 3) @ torch.ones(2, 3)
except RuntimeError as e:
    print(e)
try:
    torch.ones(3) + torch.ones(4)
except Exception as e:
    print(e)
for bad in (lambda: [1][3], lambda: {"a": 1}["b"], lambda: 1 / 0, lambda: "a" + 1, lambda: int("x"), lambda: undefined):
    try:
        bad()
    except (IndexError, KeyError) as e:
        print("lookup", type(e), e)
    except ArithmeticError as e:
        print(repr(e))
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
    except NameError:
        print("no such name")
    else:
        print("never")
    finally:
        print("next")
class Stop(Exception):
    pass
def work(n):
    try:
        if n > 1:
            raise Stop("too many", n)
        return "fine"
    except Stop as e:
        return e.args
    finally:
        print("done", n)
print(work(1), work(2))
try:
    try:
        raise ValueError("inner")
    except ValueError:
        raise
except Exception as e:
    print("outer", e)
try:
    raise NotImplementedError
except RuntimeError as e:
    print(repr(e), str(e) == "")
try:
    assert 1 > 2, "one is not more"
except AssertionError as e:
    print("assertion:", e)
