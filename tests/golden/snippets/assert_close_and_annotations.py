import math
import os
import torch
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Dict, Final, List, Optional, Tuple, Union, cast

os.environ["KMP_DUPLICATE_LIB_OK"] = "TRUE"
Batch = Tuple[torch.Tensor, torch.Tensor]
Maker = Callable[[int], Dict[str, List[float]]]
if TYPE_CHECKING:
    from nowhere import Nothing


def first(batch: Batch, n: "Optional[Union[int, float]]" = None) -> torch.Tensor:
    return batch[0]


y: Final = 3
print(first((torch.ones(2), torch.zeros(2))), cast(int, 3), y, os.environ.get("NOT_SET_HERE", "unset"))
print(math.prod([1, 2, 3]), math.prod((2.5, 2)), math.prod([]), math.prod([3], start=2), math.prod(torch.ones(2, 3).shape))
A = torch.testing.assert_close


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, "|", e)


attempt(lambda: A(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-7])))
attempt(lambda: A(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0])))
attempt(lambda: A(torch.tensor([[1.0, 2.0], [3, 4]]), torch.tensor([[1.0, 3.0], [3, 9]])))
attempt(lambda: A(torch.tensor(1.0), torch.tensor(2.0)))
attempt(lambda: A(torch.tensor([1, 2]), torch.tensor([1, 3])))
attempt(lambda: A(torch.ones(2), torch.ones(3)))
attempt(lambda: A(torch.ones(2), torch.ones(2).double()))
attempt(lambda: A(torch.ones(2), torch.ones(2).double(), check_dtype=False))
attempt(lambda: A(1.0, 1.1))
attempt(lambda: A(1, 2))
attempt(lambda: A(torch.ones(2), 1.0))
attempt(lambda: A([torch.ones(2), torch.zeros(1)], [torch.ones(2), torch.ones(1)]))
attempt(lambda: A({"a": torch.ones(2), "b": [1.0, 2.0]}, {"a": torch.ones(2), "b": [1.0, 2.5]}))
attempt(lambda: A([1.0], [1.0, 2.0]))
attempt(lambda: A(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]), rtol=0, atol=0.01))
attempt(lambda: A(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]), rtol=0.1, atol=0))
attempt(lambda: A(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]), rtol=0, atol=0))
attempt(lambda: A(torch.tensor([float("nan")]), torch.tensor([float("nan")])))
attempt(lambda: A(torch.tensor([float("nan")]), torch.tensor([float("nan")]), equal_nan=True))
attempt(lambda: A(torch.tensor([float("inf"), 0.0]), torch.tensor([float("inf"), 1.0])))
attempt(lambda: A(torch.tensor([1.0]), torch.tensor([2.0]), msg="no!"))
attempt(lambda: A(torch.tensor([1.0]), torch.tensor([2.0]), rtol=0.1))
attempt(lambda: A(torch.tensor([True]), torch.tensor([False])))
x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
(x**3).sum().backward()
torch.testing.assert_close(x.grad, 3 * x.detach() ** 2)
