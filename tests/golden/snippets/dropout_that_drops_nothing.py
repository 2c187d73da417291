"""Dropout in place that drops nothing writes nothing: a leaf may be given to it, and no version ends."""
import torch
import torch.nn.functional as F

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
print(F.dropout(y, 0.5, False, True), F.dropout(y, 0.0, True, True), y._version)
print(F.alpha_dropout(y[0], 0.5, False, True), y, y._version)
print(torch.nn.Dropout(0.5, inplace=True).eval()(x), F.dropout(x[:0], 0.5, True, True))
try:
    F.dropout(x, 1.0, True, True)
except RuntimeError as error:
    print(error)
print(F.dropout(y, 1.0, True, True), y._version)
