import torch
loss = torch.tensor(0.123456, requires_grad=True) * 2
print("%.4f" % loss)
print("loss: %f" % loss.item())
print("%d %s %r" % (3, "a", "b"))
print("%5.2f|%-8s|%+d|%e|%g" % (1.234, "ab", 5, 12345.678, 0.0001))
print("%s" % torch.tensor([1., 2.]))
print("100%% of %d" % 5)
print("{} {}".format(1, loss))
print("{:.3f} {:>6}".format(loss.item(), "x"))
print("{0} {1} {0}".format("a", 2))
print("{name}: {val:.2f}".format(name="n", val=1.2345))
