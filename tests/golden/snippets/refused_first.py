"""What is refused first: shapes, dims, dtypes."""

import torch
A=torch.ones(2,3); L=A.long(); D=A.double()
def p(n, f):
    try: print(n, f())
    except Exception as e: print(n, type(e).__name__, str(e).split('\n')[0][:100])
p(1, lambda: torch.cdist(A[0],L)); p(2, lambda: torch.cdist(L,A[0])); p(3, lambda: torch.cdist(L,L,p=-1)); p(5, lambda: torch.cdist(A,D)); p(6, lambda: torch.cdist(D,A)); p(7, lambda: torch.cdist(A,D[:,:2])); p(8, lambda: torch.cdist(A,L[:,:2])); p(9, lambda: torch.cdist(A,D,p=1.)); p(11, lambda: torch.cdist(A,A.half()))
p(14, lambda: torch.tensordot(A,D,([0],[0]))); p(15, lambda: torch.tensordot(A,D,5)); p(16, lambda: torch.tensordot(A,D,-1)); p(17, lambda: torch.tensordot(A,D,([0,1],[0]))); p(18, lambda: torch.tensordot(A,D,([0],[1])));p(19, lambda: torch.tensordot(A,A,([-1],[0]))); p(20, lambda: torch.tensordot(A,A,([-1],[-2]))); p(21, lambda: torch.tensordot(A,A,1)); p(22, lambda: torch.tensordot(A,D,([5],[0]))); p(23, lambda: torch.tensordot(A,A,([5],[0])))
p(24, lambda: torch.linalg.solve(A,L)); p(25, lambda: torch.linalg.solve(L,A)); p(26, lambda: torch.linalg.solve(A[0],D)); p(27, lambda: torch.linalg.solve(A[0],A)); p(28, lambda: torch.linalg.solve(A,A)); p(29, lambda: torch.linalg.solve(A[:,:2],A[0])); p(30, lambda: torch.linalg.solve(A[:,:2],torch.tensor(1.)))
for n, f in dict(ln=lambda t: torch.nn.functional.layer_norm(t, (3,)), ln0=lambda t: torch.nn.functional.layer_norm(t, ()), ln5=lambda t: torch.nn.functional.layer_norm(t, (5,)), bn=lambda t: torch.nn.functional.batch_norm(t,None,None,training=True), gn=lambda t: torch.nn.functional.group_norm(t,1), inorm=lambda t: torch.nn.functional.instance_norm(t[None]), nrm=lambda t: torch.nn.functional.normalize(t), rms=lambda t: torch.nn.functional.rms_norm(t,(3,))).items():
    p(n, lambda: f(L)); p(n, lambda: f(L>0))
for f in (torch.var_mean, torch.std_mean, torch.var, torch.std):
    p("spread", lambda: f(L))

flags, bytes_ = torch.tensor([True, False]), torch.tensor([1, 2], dtype=torch.uint8)
for alpha in (-1, 0, False):
    p("alpha of flags", lambda: torch.add(flags, flags, alpha=alpha))
    p("alpha of bytes", lambda: torch.add(bytes_, bytes_, alpha=alpha))
margin = torch.nn.functional.multilabel_margin_loss
p("one class", lambda: margin(torch.tensor(0.5), torch.tensor([0])))
p("one class", lambda: margin(torch.tensor([0.5]), torch.tensor(-1)))
p("margin of many", lambda: margin(torch.ones(1, 3), torch.zeros(3, dtype=torch.int64)))
p("margin of none", lambda: margin(torch.ones(2, 0), torch.zeros(2, 0, dtype=torch.int64)))
for target in (3, -2):
    p("margin beyond", lambda: margin(torch.ones(3), torch.tensor([-1, target, 0])))
p("repeat", lambda: torch.repeat_interleave(torch.tensor(1.0), 2, 0))
p("area of nothing", lambda: torch.trapezoid(torch.zeros(2, 0, dtype=torch.int64)))
