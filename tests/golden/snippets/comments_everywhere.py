# leading comment
import torch  # trailing

    # oddly indented comment
x = torch.tensor(2.0,  # value
                 requires_grad=True)  # flag
y = (x  # a
     ** 2)
if True:
# comment at column 0
    print(y)
    # comment inside

y.backward()
print(x.grad)  # done
# end
