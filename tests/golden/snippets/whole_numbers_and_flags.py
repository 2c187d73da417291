import torch
import torch.nn.functional as F


def tr(s, f):
    try:
        print(s, "->", f())
    except Exception as error:
        print(s, "=>", str(error).split("\n")[0])


for dt in (torch.int8, torch.int16, torch.int32, torch.int64, torch.bool, torch.uint8):
    a = torch.ones(2, 3, dtype=dt)
    e, n = a[:0], a[0][:0]
    tr("renorm", lambda: torch.renorm(a, 2, -1, 1.0))
    tr("pdist", lambda: torch.pdist(a))
    tr("vecdot", lambda: torch.linalg.vecdot(a, a))
    tr("matrix_power 0", lambda: torch.linalg.matrix_power(a[:, :2], 0))
    tr("matrix_power 1", lambda: torch.matrix_power(a[:, :2], 1))
    if dt is not torch.bool:
        tr("matrix_power 3", lambda: torch.linalg.matrix_power(a[:, :2], 3))
    tr("matrix_power -1", lambda: torch.linalg.matrix_power(a[:, :2], -1))
    tr("aminmax", lambda: torch.aminmax(a, keepdim=True))
    tr("lp_pool1d", lambda: F.lp_pool1d(a, 2.0, 2))
    tr("median of nothing", lambda: torch.median(e))
    tr("nanmedian of nothing", lambda: torch.nanmedian(n))
    tr("mode of nothing", lambda: torch.mode(e))
    tr("mode of nothing", lambda: torch.mode(n))
tr("vecdot", lambda: torch.linalg.vecdot(torch.ones(2), torch.ones(2, dtype=torch.float64)))
tr("aminmax", lambda: torch.aminmax(torch.tensor(2.0), keepdim=True))
tr("aminmax", lambda: torch.aminmax(torch.ones(2, 3), keepdim=True))
