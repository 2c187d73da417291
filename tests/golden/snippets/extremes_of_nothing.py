"""The extremes of nothing."""
import torch
e=torch.zeros(0); z=torch.zeros(2,0)
for f in (lambda: e.argmax(), lambda: e.amax(), lambda: e.max(), lambda: e.min(), lambda: e.median(), lambda: e.aminmax(), lambda: e.argmin(), lambda: z.amax(1), lambda: z.max(1), lambda: z.argmax(1), lambda: z.mode(1), lambda: z.kthvalue(1,1), lambda: z.cummax(1), lambda: e.mode(), lambda: e.logsumexp(0), lambda: e.std(), lambda: e.quantile(0.5), lambda: e.nanmedian(), lambda: e.norm(float('inf')), lambda: e.dist(e, float('inf'))):
    try: print(f())
    except Exception as e2: print(type(e2).__name__, str(e2).split('\n')[0][:60])
