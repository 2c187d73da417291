"""The weights of losses move with them, and are kept with their state."""
import torch
import torch.nn as nn

w = torch.tensor([1.0, 2.0])
for loss in (
    nn.CrossEntropyLoss(w), nn.NLLLoss(weight=w), nn.MultiMarginLoss(weight=w), nn.MultiLabelSoftMarginLoss(w),
    nn.BCEWithLogitsLoss(pos_weight=w), nn.BCELoss(w), nn.CrossEntropyLoss(), nn.TripletMarginLoss(),
):
    print(loss, loss.state_dict(), list(loss.double().buffers()))
