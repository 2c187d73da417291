"""What products, losses and flips say to operands of other ranks."""
import torch
import torch.nn.functional as F


def told(work):
    try:
        print(work())
    except (RuntimeError, IndexError) as error:
        print(type(error).__name__, error)


number, vector, matrix, batch = torch.tensor(1.0), torch.ones(2), torch.ones(2, 2), torch.ones(1, 2, 2)
told(lambda: torch.mm(vector, matrix))
told(lambda: torch.mm(matrix, vector))
told(lambda: torch.bmm(matrix, batch))
told(lambda: torch.addmm(matrix, vector, matrix))
told(lambda: torch.addmm(matrix, matrix, batch))
told(lambda: torch.addmm(matrix, torch.ones(3, 1), matrix.double()))
told(lambda: torch.addmv(matrix, matrix, vector))
told(lambda: torch.addr(matrix, number, vector))
told(lambda: torch.baddbmm(batch, vector, batch))
told(lambda: torch.baddbmm(batch, number, batch))
told(lambda: torch.baddbmm(batch, batch, matrix))
told(lambda: F.bilinear(vector, vector, vector))
told(lambda: F.bilinear(number, number, batch))
told(lambda: F.bilinear(matrix, matrix, torch.ones(1, 3, 2)))
told(lambda: F.triplet_margin_loss(vector, matrix, vector))
told(lambda: F.glu(number))
told(lambda: torch.fliplr(vector))
told(lambda: torch.flipud(number))
told(lambda: torch.linalg.inv(vector))
told(lambda: torch.cov(batch))
told(lambda: (matrix > 0).argmax())
told(lambda: (matrix > 0) - (matrix > 0))
told(lambda: torch.bitwise_and(matrix, matrix))
