"""Derivatives of first courses, engineering, statistics and machine learning, written before a look at ours.

Lines of numbers are as those of `catalogue`; those of arrays say their shapes in between. What ours is longer
than is marked.
"""

SCALARS = """
x**2*sqrt(1-x) | x | (4*x - 5*x**2)/(2*sqrt(1 - x))
(x**2+1)**3*(2*x-1)**4 | x | 2*(x**2 + 1)**2*(2*x - 1)**3*(10*x**2 - 3*x + 4)
log((x+1)/(x-1)) | x | -2/(x**2 - 1)
log(1/cos(x) + tan(x)) | x | 1/cos(x)
exp(-x)*log(x) | x | exp(-x)*(1/x - log(x))
sin(cos(x)) | x | -sin(x)*cos(cos(x))
cos(x)/(1-sin(x)) | x | 1/(1 - sin(x))
(1+cos(x))/sin(x) | x | -(1 + cos(x))/sin(x)**2
tan(sqrt(x)) | x | 1/(2*sqrt(x)*cos(sqrt(x))**2)
x*atan(x) - log(1+x**2)/2 | x | atan(x)
x*acos(x) - sqrt(1-x**2) | x | acos(x)
x*asinh(x) - sqrt(1+x**2) | x | asinh(x)
x*atanh(x) + log(1-x**2)/2 | x | atanh(x)
2**x*x**2 | x | 2**x*x*(2 + x*log(2))
log(x)**3 | x | 3*log(x)**2/x
x**log(x) | x | 2*x**(log(x) - 1)*log(x)
log(x)**x | x | log(x)**x*(log(log(x)) + 1/log(x))
sin(x)**cos(x) | x | sin(x)**cos(x)*(cos(x)**2/sin(x) - sin(x)*log(sin(x)))
sqrt(x+sqrt(x)) | x | (1 + 1/(2*sqrt(x)))/(2*sqrt(x + sqrt(x)))
(x+1)/sqrt(x**2+1) | x | (1 - x)/(x**2 + 1)**(3/2)
sqrt((1+x)/(1-x)) | x | 1/((1 - x)**2*sqrt((1 + x)/(1 - x)))
exp(x)/(1+x) | x | x*exp(x)/(1 + x)**2
exp(2*x)/(exp(2*x)+1) | x | 2*exp(2*x)/(exp(2*x) + 1)**2
(exp(x)-1)/x | x | (exp(x)*(x - 1) + 1)/x**2
log(x)*sin(x) | x | sin(x)/x + log(x)*cos(x)
asin(2*x-1) | x | 1/sqrt(x - x**2)
atan((x-1)/(x+1)) | x | 1/(1 + x**2)
acos(1/x) | x | 1/(x**2*sqrt(1 - 1/x**2))
asinh(tan(x)) | x | 1/sqrt(cos(x)**2)
tanh(log(x)) | x | 4*x/(x**2 + 1)**2
x**3*exp(-2*x) | x | x**2*exp(-2*x)*(3 - 2*x)
cosh(x)**2 - sinh(x)**2 | x | 0
sin(x)*sinh(x) | x | cos(x)*sinh(x) + sin(x)*cosh(x)
u = x**2+1; v = sin(u); v**3 | x | 6*x*sin(x**2+1)**2*cos(x**2+1)
r = sqrt(x**2+y**2); exp(-r) | x | -x*exp(-sqrt(x**2+y**2))/sqrt(x**2+y**2)
t = tanh(x); t/(1+t) | x | (1 - tanh(x)**2)/(1 + tanh(x))**2
p = 1/(1+exp(-z)); -y*log(p)-(1-y)*log(1-p) | z | 1/(1+exp(-z)) - y
a = exp(x); b = a**2 + a; log(b) | x | 1 + exp(x)/(exp(x) + 1)
G*M*m/r**2 | r | -2*G*M*m/r**3
D*(1 - exp(-a*(r - r0)))**2 | r | 2*D*a*exp(-a*(r - r0))*(1 - exp(-a*(r - r0)))
A*exp(-B*r) - C/r**6 | r | 6*C/r**7 - A*B*exp(-B*r)
x0*exp(-b*t/(2*m))*cos(w*t) | t | -x0*exp(-b*t/(2*m))*(w*sin(w*t) + b*cos(w*t)/(2*m))
V0*(1 - exp(-t/(R*C))) | t | V0*exp(-t/(R*C))/(R*C)
V/sqrt(R**2 + (w*L - 1/(w*C))**2) | R | -R*V/(R**2 + (w*L - 1/(w*C))**2)**(3/2)
V**2*R/(R + r)**2 | R | V**2*(r - R)/(R + r)**3
1/(exp((E-mu)/(kB*T)) - 1) | E | -exp((E-mu)/(kB*T))/(kB*T*(exp((E-mu)/(kB*T)) - 1)**2)
c*sqrt(1 - (m0*c**2/E)**2) | E | m0**2*c**5/(E**3*sqrt(1 - (m0*c**2/E)**2))
sqrt((p*c)**2 + (m*c**2)**2) | p | c**2*p/sqrt((p*c)**2 + (m*c**2)**2)
asin(n1*sin(t)/n2) | t | n1*cos(t)/(n2*sqrt(1 - (n1*sin(t)/n2)**2))
k*q1*q2/sqrt(x**2 + d**2) | x | -k*q1*q2*x/(x**2 + d**2)**(3/2)
m*v**2/2 + k*x**2/2 + b*x**4/4 | x | k*x + b*x**3
rho*v**2*C*A/2 | v | A*C*rho*v
N0*2**(-t/h) | t | -N0*2**(-t/h)*log(2)/h
K/(1 + (K/N0 - 1)*exp(-r*t)) | t | K*r*(K/N0 - 1)*exp(-r*t)/(1 + (K/N0 - 1)*exp(-r*t))**2
r*N*(1 - N/K)*(N/A - 1) | N | r*(-3*N**2/(A*K) + 2*N*(1/A + 1/K) - 1)
x**n/(K**n + x**n) | x | n*K**n*x**(n - 1)/(K**n + x**n)**2
V*S/(K + S + S**2/Ki) | S | V*(K - S**2/Ki)/(K + S + S**2/Ki)**2
C/(1+y)**T | y | -C*T/(1 + y)**(T + 1)
C*(1 - (1+y)**(-T))/y | T | C*log(1 + y)*(1 + y)**(-T)/y
S*ndtr((log(S/K) + (r + s**2/2)*T)/(s*sqrt(T))) - K*exp(-r*T)*ndtr((log(S/K) + (r - s**2/2)*T)/(s*sq\
rt(T))) | r | K*T*exp(-r*T)*ndtr((log(S/K) + (r - s**2/2)*T)/(s*sqrt(T)))
w**2*s1**2 + (1-w)**2*s2**2 + 2*w*(1-w)*c | w | 2*(w*s1**2 - (1 - w)*s2**2 + (1 - 2*w)*c)
(mu - r)/s | s | (r - mu)/s**2
c**(1-g)/(1-g) | c | c**(-g)
-exp(-a*c)/a | c | exp(-a*c)
k*log(p) + (n-k)*log(1-p) | p | k/p - (n - k)/(1 - p)
x*log(l) - l - lgamma(x+1) | l | x/l - 1
-(x-mu)**2/(2*s**2) - log(s) - log(2*pi)/2 | s | (x - mu)**2/s**3 - 1/s
a*log(b) - lgamma(a) + (a-1)*log(x) - b*x | a | log(b) - digamma(a) + log(x)
a*log(b) - lgamma(a) + (a-1)*log(x) - b*x | b | a/b - x
lgamma(a+b) - lgamma(a) - lgamma(b) + (a-1)*log(x) + (b-1)*log(1-x) | a | digamma(a + b) - digamma(a\
) + log(x)
lgamma(r+k) - lgamma(r) + r*log(p) + k*log(1-p) | r | digamma(r + k) - digamma(r) + log(p)
-abs(x-mu)/b - log(2*b) | b | abs(x - mu)/b**2 - 1/b
log(k/l) + (k-1)*log(x/l) - (x/l)**k | l | (k*(x/l)**k - k)/l
exp(mu*t + s**2*t**2/2) | t | (mu + s**2*t)*exp(mu*t + s**2*t**2/2)
exp(l*(exp(t)-1)) | t | l*exp(t + l*(exp(t) - 1))
(1 - b*t)**(-a) | t | a*b*(1 - b*t)**(-a - 1)
log(s2/s1) + (s1**2 + (m1-m2)**2)/(2*s2**2) - 1/2 | s2 | 1/s2 - (s1**2 + (m1-m2)**2)/s2**3
log(s2/s1) + (s1**2 + (m1-m2)**2)/(2*s2**2) - 1/2 | m1 | (m1 - m2)/s2**2
-p*log(p) - (1-p)*log(1-p) | p | log((1 - p)/p) | longer
-(1-p)**g*log(p) | p | (1 - p)**(g - 1)*(g*log(p) - (1 - p)/p)
d**2*(sqrt(1 + (x/d)**2) - 1) | x | x/sqrt(1 + (x/d)**2)
x*sigmoid(b*x) | x | sigmoid(b*x)*(1 + b*x*(1 - sigmoid(b*x)))
x*tanh(log(1+exp(x))) | x | tanh(log(1+exp(x))) + x*sigmoid(x)*(1 - tanh(log(1+exp(x)))**2)
where(x > 0, x, a*(exp(x)-1)) | x | where(x > 0, 1.0, a*exp(x))
-log(sigmoid(b*(u - v))) | u | -b*sigmoid(-b*(u - v))
"""

ARRAYS = """
x@A@x + b@x | A=n,n x=n b=n | x | (A + A.T) @ x + b
norm(A@x - b)**2 | A=m,n x=n b=m | x | 2*A.T @ (A @ x - b)
norm(A@x - b)**2 | A=m,n x=n b=m | A | 2*outer(A @ x - b, x)
norm(A@x - b) | A=m,n x=n b=m | x | A.T @ (A @ x - b)/norm(A @ x - b)
sum((X@w - y)**2)/(2*n) + l*sum(w**2)/2 | X=n,m w=m y=n | w | X.T @ (X @ w - y)/n + l*w
(y - X@w)@S@(y - X@w) | X=n,m w=m y=n S=n,n | w | -X.T @ (S + S.T) @ (y - X @ w)
sum(c*(X@w - y)**2) | X=n,m w=m y=n c=n | w | 2*X.T @ (c*(X @ w - y))
p = sigmoid(X@w); -sum(y*log(p) + (1-y)*log(1-p)) | X=n,m w=m y=n | w | X.T @ (sigmoid(X @ w) - y)
sum(log(1 + exp(-y*(X@w)))) | X=n,m w=m y=n | w | -X.T @ (y*sigmoid(-y*(X @ w)))
-sum(Y*log_softmax(X@W, 1)) | X=n,m W=m,k Y=n,k | W | X.T @ (sum(Y, 1, keepdim=True)*softmax(X @ W, \
1) - Y) | longer
-mean(sum(Y*log_softmax(X@W, 1), 1)) | X=n,m W=m,k Y=n,k | X | (sum(Y, 1, keepdim=True)*softmax(X @ \
W, 1) - Y) @ W.T/n | longer
logsumexp(X@w, 0) | X=n,m w=m | w | X.T @ softmax(X @ w)
logdet(A) | A=n,n | A | inverse(A).T
logdet(eye(n) + X@X.T) | X=n,m | X | 2*inverse(eye(n) + X @ X.T) @ X
logdet(A + x*B) | A=n,n B=n,n | x | trace(inverse(A + x*B) @ B)
logdet(S) + trace(inverse(S)@C) | S=n,n C=n,n | S | inverse(S).T - (inverse(S) @ C @ inverse(S)).T
trace(A@B) | A=n,m B=m,n | A | B.T
trace(A.T@B@A@C) | A=n,m B=n,n C=m,m | A | B @ A @ C + B.T @ A @ C.T
trace(A@X@B) | A=n,m X=m,k B=k,n | X | A.T @ B.T
trace(A@X.T@B) | A=n,m X=k,m B=k,n | X | B @ A
trace(X@X@X@X) | X=n,n | X | 4*X.T @ X.T @ X.T
trace(X.T@A@X) | A=n,n X=n,m | X | (A + A.T) @ X
trace(inverse(X)) | X=n,n | X | -(inverse(X) @ inverse(X)).T
trace(A@inverse(X)@B) | A=m,n X=n,n B=n,m | X | -(inverse(X) @ B @ A @ inverse(X)).T
trace(inverse(X.T@C@X)@A) | X=n,n C=n,n A=n,n | A | inverse(X.T @ C @ X).T | longer
u@X@v | X=n,m u=n v=m | X | outer(u, v)
u@X.T@X@v | X=n,m u=m v=m | X | X @ (outer(u, v) + outer(v, u))
(X@b + c)@D@(X@b + c) | X=n,m b=m c=n D=n,n | X | outer((D + D.T) @ (X @ b + c), b)
u@inverse(A)@v | A=n,n u=n v=n | A | -inverse(A).T @ outer(u, v) @ inverse(A).T
det(A) | A=n,n | A | det(A)*inverse(A).T
det(A.T@A) | A=n,n | A | 2*det(A)**2*inverse(A).T
det(A@X@B) | A=n,n X=n,n B=n,n | X | det(A @ X @ B)*inverse(X).T
sum(A**2) | A=n,m | A | 2*A
sqrt(sum(A**2)) | A=n,m | A | A/norm(A)
sum(X@W) | X=n,m W=m,k | X | outer(ones(n), sum(W, 1))
norm(X@X.T - A)**2/4 | X=n,m A=n,n | X | (X @ X.T - (A + A.T)/2) @ X
norm(X - X@w@w.T)**2 | X=n,m w=m,k | w | -2*(X.T @ (X - X @ w @ w.T) @ w + (X - X @ w @ w.T).T @ X @ w)
-trace(W.T@X.T@X@W) | X=n,m W=m,k | W | -2*X.T @ X @ W
w@S@w/(w@w) | S=n,n w=n | w | ((S + S.T) @ w - 2*w*(w @ S @ w)/(w @ w))/(w @ w)
(w@m)**2/(w@S@w) | S=n,n w=n m=n | w | 2*m*(w @ m)/(w @ S @ w) - (w @ m)**2*(S + S.T) @ w/(w @ S @ w)**2
w@mu/sqrt(w@S@w) | S=n,n w=n mu=n | w | mu/sqrt(w @ S @ w) - (w @ mu)*(S + S.T) @ w/(2*(w @ S @ w)**(3/2))
sqrt((x - m)@S@(x - m)) | S=n,n x=n m=n | x | (S + S.T) @ (x - m)/(2*sqrt((x - m) @ S @ (x - m)))
(x - m)@inverse(S)@(x - m) | S=n,n x=n m=n | S | -outer(inverse(S).T @ (x - m), inverse(S) @ (x - m))
K = s*exp(-D/2) + t*eye(n); y@inverse(K)@y/2 + logdet(K)/2 | D=n,n y=n | t | trace(inverse(s*exp(-D/\
2) + t*eye(n)))/2 - y @ inverse(s*exp(-D/2) + t*eye(n)) @ inverse(s*exp(-D/2) + t*eye(n)) @ y/2
y@inverse(K)@y/2 + logdet(K)/2 | K=n,n y=n | K | (inverse(K).T - outer(inverse(K).T @ y, inverse(K) @ y))/2
exp(-norm(x - y)**2/(2*s**2)) | x=n y=n | s | norm(x - y)**2*exp(-norm(x - y)**2/(2*s**2))/s**3
(x@y + c)**d | x=n y=n | x | d*(x @ y + c)**(d - 1)*y
tanh(a*x@y + b) | x=n y=n | x | a*y*(1 - tanh(a*x @ y + b)**2)
x@y/(norm(x)*norm(y)) | x=n y=n | y | (x - y*(x @ y)/norm(y)**2)/(norm(x)*norm(y))
1/(1 + norm(x - y)**2) | x=n y=n | x | 2*(y - x)/(1 + norm(x - y)**2)**2
sum(softmax(Q@K.T/sqrt(d), 1)@V) | Q=n,d K=m,d V=m,d | V | outer(sum(softmax(Q @ K.T/sqrt(d), 1), 0)\
, ones(d))
u@(softmax(Q@K.T, 1)@v) | Q=n,d K=m,d u=n v=m | v | softmax(Q @ K.T, 1).T @ u
q@K.T@w | q=d K=m,d w=m | K | outer(w, q)
u@((x - mean(x))/std(x)) | x=n u=n | u | (x - mean(x))/std(x)
S@H.T@inverse(H@S@H.T + R)@y@u | S=n,n H=m,n R=m,m y=m u=n | y | inverse(H @ S @ H.T + R).T @ H @ S.T @ u
sum(1 + 2*s - mu**2 - exp(2*s))/2 | s=n mu=n | s | 1 - exp(2*s)
sum(1 + s - mu**2 - exp(s))/-2 | s=n mu=n | mu | mu
-log_softmax(Z@z/t)[0] | Z=n,d z=d | z | Z.T @ (softmax(Z @ z/t) - one_hot(0, n))/t
-log(sigmoid(u@v)) - log(sigmoid(-u@w)) | u=d v=d w=d | u | (sigmoid(u @ v) - 1)*v + sigmoid(u @ w)*w
max(0, m + norm(a - p)**2 - norm(a - q)**2) | a=d p=d q=d | a | where(m + norm(a - p)**2 > norm(a - \
q)**2, 2*(q - p), 0) | longer
sum(where(abs(r) <= d, r**2/2, d*(abs(r) - d/2))) | r=n | r | where(abs(r) <= d, r, d*sign(r))
sum(d**2*(sqrt(1 + (r/d)**2) - 1)) | r=n | r | r/sqrt(1 + (r/d)**2)
sum(log(1 + (X@w - y)**2)) | X=n,m w=m y=n | w | 2*X.T @ ((X @ w - y)/(1 + (X @ w - y)**2))
sum(tanh(W@x + b)**2)/2 | W=k,n x=n b=k | W | outer(tanh(W @ x + b)*(1 - tanh(W @ x + b)**2), x)
v@relu(W@x + b) | W=k,n x=n b=k v=k | x | W.T @ (v*where(W @ x + b > 0, 1.0, 0.0))
v@sigmoid(W@x + b) | W=k,n x=n b=k v=k | b | v*sigmoid(W @ x + b)*(1 - sigmoid(W @ x + b))
h = tanh(W@x); sum((V@h - y)**2)/2 | W=k,n x=n V=m,k y=m | W | outer((1 - tanh(W @ x)**2)*(V.T @ (V \
@ tanh(W @ x) - y)), x)
sum((A*(B@C))**2)/2 | A=n,m B=n,k C=k,m | B | (A*A*(B @ C)) @ C.T
sum(M*(Y - U@V.T)**2)/2 | M=n,m Y=n,m U=n,k V=m,k | U | (M*(U @ V.T - Y)) @ V
sum(a*log(a/b) - a + b) | a=n b=n | b | 1 - a/b
sum(V*log(V/(W@H)) - V + W@H) | V=n,m W=n,k H=k,m | H | W.T @ (1 - V/(W @ H))
sum(a*log(softmax(x))) | x=n a=n | x | a - sum(a)*softmax(x)
sum(softmax(x)*log(softmax(x))) | x=n | x | softmax(x)*(log(softmax(x)) - sum(softmax(x)*log(softmax(x))))
lse = log(sum(exp(b*x)))/b | x=n | x | softmax(b*x)
sum(abs(x)**p)**(1/p) | x=n | x | sign(x)*abs(x)**(p - 1)*sum(abs(x)**p)**(1/p - 1)
prod(x)**(1/n) | x=n | x | prod(x)**(1/n)/(n*x)
n/sum(1/x) | x=n | x | n/(x**2*sum(1/x)**2)
"""
