"""Queries, keys, values and masks that attention and transformers refuse."""
import torch
import torch.nn as nn


def told(work):
    try:
        work()
        print("taken")
    except (RuntimeError, AssertionError) as error:
        print(error)


m, x = nn.MultiheadAttention(4, 2), torch.zeros(3, 2, 4)
told(lambda: m(x, x[0], x[0]))
told(lambda: m(x[0], x[0], x))
told(lambda: m(x, x[:2], x))
told(lambda: m(x, x, x, attn_mask=torch.zeros(2, 2)))
told(lambda: m(x, x, x, attn_mask=torch.zeros(2, 2, 2)))
told(lambda: m(x, x, x, attn_mask=torch.zeros(3)))
told(lambda: m(x, x, x, attn_mask=torch.zeros(3, 3).long()))
told(lambda: m(x, x, x, key_padding_mask=torch.zeros(2, 3).long()))
told(lambda: m(x, x, x, key_padding_mask=torch.zeros(3)))
told(lambda: m(x[0], x[0], x[0], key_padding_mask=torch.zeros(1, 2)))
told(lambda: m(x[0], x[0], x[0], key_padding_mask=torch.zeros(2)))
t = nn.Transformer(4, 2, 1, 1, 8)
told(lambda: t(x, torch.zeros(3, 1, 4)))
told(lambda: t(x, torch.zeros(3, 2, 5)))
told(lambda: t(x, torch.zeros(5, 2, 4)))
