"""Derivatives of lectures on calculus, physics, statistics, matrices and learning, written before ours.

Lines of numbers are as those of `catalogue`; those of arrays say their shapes in between. What ours is longer
than is marked.
"""

SCALARS = """
x**3*cos(x) | x | 3*x**2*cos(x) - x**3*sin(x)
(x**2 + 2*x)/(x + 1) | x | (x**2 + 2*x + 2)/(x + 1)**2
(2 - x)/(3 + x**2) | x | (x**2 - 4*x - 3)/(x**2 + 3)**2
(x**2 + 1)/(x**2 - 1)**2 | x | -2*x*(x**2 + 3)/(x**2 - 1)**3
x*(2*x - 1)**(3/2) | x | (5*x - 1)*sqrt(2*x - 1) | longer
(1 - x)**2*(1 + x)**3 | x | (1 - x)*(1 + x)**2*(1 - 5*x)
x/(1 - x)**2 | x | (1 + x)/(1 - x)**3
sqrt(x**2 - 2*x) | x | (x - 1)/sqrt(x**2 - 2*x)
sqrt((x - 1)*(x - 2)) | x | (2*x - 3)/(2*sqrt((x - 1)*(x - 2)))
cbrt = x**(1/3); cbrt/(1 + x) | x | (1 - 2*x)/(3*x**(2/3)*(1 + x)**2) | longer
sin(x)*exp(cos(x)) | x | exp(cos(x))*(cos(x) - sin(x)**2)
sin(3*x)*cos(2*x) | x | 3*cos(3*x)*cos(2*x) - 2*sin(3*x)*sin(2*x)
sin(x)**2/x | x | sin(2*x)/x - sin(x)**2/x**2
x/sin(x) | x | (sin(x) - x*cos(x))/sin(x)**2
x**2/tan(x) | x | 2*x/tan(x) - x**2/sin(x)**2
tan(x)*sin(x) | x | sin(x) + sin(x)/cos(x)**2
log(x)*tan(x) | x | tan(x)/x + log(x)/cos(x)**2
sin(x)/(a + b*cos(x)) | x | (a*cos(x) + b)/(a + b*cos(x))**2
1/(a*sin(x) + b*cos(x)) | x | (b*sin(x) - a*cos(x))/(a*sin(x) + b*cos(x))**2
exp(tan(x)) | x | exp(tan(x))/cos(x)**2
exp(x*log(x)) | x | exp(x*log(x))*(log(x) + 1)
exp(-1/x**2) | x | 2*exp(-1/x**2)/x**3
exp(x)*(1 + x**2) | x | exp(x)*(1 + x)**2
(exp(2*x) - 1)/(exp(2*x) + 1) | x | 1/cosh(x)**2
log(x**2 + x*y) | x | (2*x + y)/(x**2 + x*y)
log(a + b*x)*x | x | log(a + b*x) + b*x/(a + b*x)
log((x - a)/(x - b)) | x | (a - b)/((x - a)*(x - b))
log(1 + sqrt(x)) | x | 1/(2*sqrt(x)*(1 + sqrt(x)))
log(x)/(x**2 + 1) | x | (x**2 + 1 - 2*x**2*log(x))/(x*(x**2 + 1)**2)
log(sqrt(1 + x) + sqrt(1 - x)) | x | (1/sqrt(1 + x) - 1/sqrt(1 - x))/(2*(sqrt(1 + x) + sqrt(1 - x)))
asin(x**2) | x | 2*x/sqrt(1 - x**4)
asin(1/x) | x | -1/(x**2*sqrt(1 - 1/x**2))
acos(1 - x) | x | 1/sqrt(2*x - x**2)
atan(x**2) | x | 2*x/(1 + x**4)
atan(x/(1 + x**2)) | x | (1 - x**2)/(x**4 + 3*x**2 + 1)
x*asin(x/a) + sqrt(a**2 - x**2) | x | asin(x/a) | longer
atan(a*tan(x)) | x | a/(cos(x)**2 + a**2*sin(x)**2)
asinh(x/a) | x | 1/sqrt(x**2 + a**2) | longer
acosh(1 + x) | x | 1/sqrt(x**2 + 2*x)
atanh(cos(x)) | x | -1/sin(x)
x*asinh(x) | x | asinh(x) + x/sqrt(1 + x**2)
exp(x)*cosh(x) | x | exp(2*x)
sinh(x)**2 | x | sinh(2*x)
tanh(x)**3 | x | 3*tanh(x)**2*(1 - tanh(x)**2)
x/cosh(x) | x | (1 - x*tanh(x))/cosh(x)
log(1 + tanh(x)) | x | 1 - tanh(x)
y = x**2 + 1; z = sqrt(y); w = log(z) | x | x/(x**2 + 1)
u = sin(x); v = u**2; w = exp(v); w*u | x | cos(x)*exp(sin(x)**2)*(1 + 2*sin(x)**2)
s = 1 + exp(-x); 1/s**2 | x | 2*exp(-x)/(1 + exp(-x))**3
u = x/y; f = u*exp(-u) | x | exp(-x/y)*(1 - x/y)/y
r2 = x**2 + y**2 + z**2; r2*log(r2) | y | 2*y*(log(x**2 + y**2 + z**2) + 1)
(x*y*z)**2 | y | 2*x**2*y*z**2
x**y | y | x**y*log(x)
x**(y*z) | x | y*z*x**(y*z - 1)
atan(x*y) | x | y/(1 + x**2*y**2)
2*h*c**2/(l**5*(exp(h*c/(l*k*T)) - 1)) | T | 2*h**2*c**3*exp(h*c/(l*k*T))/(k*T**2*l**6*(exp(h*c/(l*k*T)) - 1\
)**2)
2*h*f**3/(c**2*(exp(h*f/(k*T)) - 1)) | f | 6*h*f**2/(c**2*(exp(h*f/(k*T)) - 1)) - 2*h**2*f**3*exp(h*f/(k*T))\
/(c**2*k*T*(exp(h*f/(k*T)) - 1)**2)
4*eps*((s/r)**12 - (s/r)**6) | r | 24*eps*((s/r)**6 - 2*(s/r)**12)/r
eps*((rm/r)**12 - 2*(rm/r)**6) | r | 12*eps*((rm/r)**6 - (rm/r)**12)/r
gam = 1/sqrt(1 - v**2/c**2); E = gam*m*c**2 | v | m*v/(1 - v**2/c**2)**(3/2)
gam = 1/sqrt(1 - v**2/c**2); p = gam*m*v | v | m/(1 - v**2/c**2)**(3/2)
(R*T/(z*F))*log(co/ci) | co | R*T/(z*F*co)
(R*T/(z*F))*log(co/ci) | T | R*log(co/ci)/(z*F)
(R*T/F)*log((PK*Ko + PNa*Nao)/(PK*Ki + PNa*Nai)) | Ki | -PK*R*T/(F*(PK*Ki + PNa*Nai))
1/((n - 1)*(1/R1 - 1/R2 + (n - 1)*d/(n*R1*R2))) | d | -1/(n*R1*R2*(1/R1 - 1/R2 + (n - 1)*d/(n*R1*R2))**2)
f*do/(do - f) | f | do**2/(do - f)**2
2*pi*sqrt(L/g) | L | pi/sqrt(g*L) | longer
m*L**2*w**2/2 - m*g*L*cos(th) | th | m*g*L*sin(th)
sqrt(2*g*L*(cos(th) - cos(th0))) | th | -g*L*sin(th)/sqrt(2*g*L*(cos(th) - cos(th0)))
n*R*T/(V - n*b) - a*n**2/V**2 | V | 2*a*n**2/V**3 - n*R*T/(V - n*b)**2
n*R*T/(V - n*b) - a*n**2/V**2 | T | n*R/(V - n*b)
sqrt(3*k*T/m) | T | sqrt(3*k/(m*T))/2 | longer
4*pi*(m/(2*pi*k*T))**(3/2)*v**2*exp(-m*v**2/(2*k*T)) | v | 4*pi*(m/(2*pi*k*T))**(3/2)*v*exp(-m*v**2/(2*k*T))\
*(2 - m*v**2/(k*T))
h/sqrt(2*m*e*V) | V | -h/(2*V*sqrt(2*m*e*V))
h/(m*c)*(1 - cos(th)) | th | h*sin(th)/(m*c)
E/(1 + E/(m*c**2)*(1 - cos(th))) | E | 1/(1 + E*(1 - cos(th))/(m*c**2))**2
-R/n**2 | n | 2*R/n**3
R*(1/n1**2 - 1/n2**2) | n2 | 2*R/n2**3
q**2/(2*C) + L*J**2/2 | q | q/C
J**2*R*exp(-2*R*t/L) | R | J**2*exp(-2*R*t/L)*(1 - 2*R*t/L)
V0*sin(w*t)/sqrt(R**2 + w**2*L**2) | L | -V0*sin(w*t)*w**2*L/(R**2 + w**2*L**2)**(3/2)
mu0*N*J/(2*pi*r) | r | -mu0*N*J/(2*pi*r**2)
q*d*cos(th)/(4*pi*e0*r**2) | r | -q*d*cos(th)/(2*pi*e0*r**3)
G*M*m/(R + h)**2 | h | -2*G*M*m/(R + h)**3
sqrt(2*G*M/(R + h)) | h | -sqrt(2*G*M/(R + h))/(2*(R + h))
P0*exp(-M*g*h/(R*T)) | h | -M*g*P0*exp(-M*g*h/(R*T))/(R*T)
P0*(1 - L*h/T0)**(g*M/(R*L)) | h | -g*M*P0*(1 - L*h/T0)**(g*M/(R*L) - 1)/(R*T0)
vt*tanh(g*t/vt) | vt | tanh(g*t/vt) - g*t*(1 - tanh(g*t/vt)**2)/vt
m*g/k*(t + m/k*exp(-k*t/m)) | t | m*g/k*(1 - exp(-k*t/m))
A*cos(w*t + p)**2 | t | -A*w*sin(2*(w*t + p))
x0*exp(-z*w*t)*(cos(w*t) + z*sin(w*t)) | t | -x0*w*(1 + z**2)*exp(-z*w*t)*sin(w*t)
F0/m/((w0**2 - w**2)**2 + 4*b**2*w**2) | b | -8*F0*b*w**2/(m*((w0**2 - w**2)**2 + 4*b**2*w**2)**2)
f0*sqrt((c - v)/(c + v)) | v | -c*f0*sqrt((c - v)/(c + v))/(c**2 - v**2)
m*c**2*(1/sqrt(1 - b**2) - 1) | b | m*c**2*b/(1 - b**2)**(3/2)
k*N*T*log(V) + 3*N*k*T*log(T)/2 | T | N*k*log(V) + 3*N*k*(log(T) + 1)/2
k*log(exp(b*e) + exp(-b*e)) | b | k*e*tanh(b*e)
exp(-b*h/2)/(1 - exp(-b*h)) | h | -b*cosh(b*h/2)/(4*sinh(b*h/2)**2) | longer
log(sinh(b*(j + 1/2))/sinh(b/2)) | b | (j + 1/2)/tanh(b*(j + 1/2)) - 1/(2*tanh(b/2))
Vmax*S/(Km + S)*(1 - P/Pm)**n | P | -n*Vmax*S*(1 - P/Pm)**(n - 1)/(Pm*(Km + S))
mu*S/(Ks + S)*exp(-S/Ki) | S | mu*exp(-S/Ki)*(Ks/(Ks + S)**2 - S/(Ki*(Ks + S)))
k1*A**2/(1 + k2*A) | A | k1*A*(2 + k2*A)/(1 + k2*A)**2
L*(1 + x/KT)**n/((1 + x/KR)**n + L*(1 + x/KT)**n) | L | (1 + x/KR)**n*(1 + x/KT)**n/((1 + x/KR)**n + L*(1 + \
x/KT)**n)**2
r*N*(1 - N/K) - h*N**2/(1 + N**2) | N | r - 2*r*N/K - 2*h*N/(1 + N**2)**2
A*(1 - exp(-k*(t - t0)))*exp(-d*t) | t | A*exp(-d*t)*(k*exp(-k*(t - t0)) - d*(1 - exp(-k*(t - t0))))
n*log(a) - a*S + (a - 1)*T | a | n/a - S + T
-n*log(2*pi)/2 - n*log(s) - S/(2*s**2) | s | S/s**3 - n/s
log(p/(1 - p)) | p | 1/(p*(1 - p))
log(p/(1 - p)) + log(q/(1 - q)) | q | 1/(q*(1 - q))
log(-log(p)) | p | 1/(p*log(p))
asin(sqrt(p)) | p | 1/(2*sqrt(p)*sqrt(1 - p))
log((1 + r)/(1 - r))/2 | r | 1/(1 - r**2)
log(2*pi*exp(1)*s**2)/2 | s | 1/s
a - log(b) + lgamma(a) + (1 - a)*digamma(a) | b | -1/b
(exp(s**2) - 1)*exp(2*m + s**2) | s | 2*s*exp(2*m + s**2)*(2*exp(s**2) - 1)
a*b/((a + b)**2*(a + b + 1)) | b | a*(a**2 + a - 2*b**2 - b - a*b)/((a + b)**3*(a + b + 1)**2)
a/(a + b) | b | -a/(a + b)**2
exp(-(log(x) - m)**2/(2*s**2))/(x*s*sqrt(2*pi)) | m | (log(x) - m)*exp(-(log(x) - m)**2/(2*s**2))/(x*s**3*sq\
rt(2*pi))
k/l*(x/l)**(k - 1)*exp(-(x/l)**k) | x | k*(x/l)**(k - 2)*exp(-(x/l)**k)*(k - 1 - k*(x/l)**k)/l**2 | longer
b**a*x**(a - 1)*exp(-b*x)/gamma(a) | x | b**a*x**(a - 2)*exp(-b*x)*(a - 1 - b*x)/gamma(a)
g/(pi*(g**2 + (x - m)**2)) | x | -2*g*(x - m)/(pi*(g**2 + (x - m)**2)**2)
a*m**a/x**(a + 1) | x | -a*(a + 1)*m**a/x**(a + 2)
l*exp(-l*x) | x | -l**2*exp(-l*x)
2*exp(-x**2)/sqrt(pi) | x | -4*x*exp(-x**2)/sqrt(pi)
exp(-x**2/2)/sqrt(2*pi)*ndtr(a*x) | a | x*exp(-x**2/2)*exp(-a**2*x**2/2)/(2*pi)
log(x) + a*log(b) - (a + 1)*log(b + x) | b | a/b - (a + 1)/(b + x)
log(s2) - log(s1) + s1**2/(2*s2**2) | s1 | s1/s2**2 - 1/s1
a1*log(b1/b2) - lgamma(a1) + lgamma(a2) + (a1 - a2)*digamma(a1) | a2 | digamma(a2) - digamma(a1)
p1*log(p1/q1) + p2*log(p2/q2) | q1 | -p1/q1
(sqrt(p) - sqrt(q))**2/2 | p | (1 - sqrt(q/p))/2 | longer
d = (log(S/K) + (r + s**2/2)*T)/(s*sqrt(T)); S*ndtr(d) - K*exp(-r*T)*ndtr(d - s*sqrt(T)) | T | S*s*exp(-((lo\
g(S/K) + (r + s**2/2)*T)/(s*sqrt(T)))**2/2)/(2*sqrt(2*pi*T)) + r*K*exp(-r*T)*ndtr((log(S/K) + (r - s**2/2)*T\
)/(s*sqrt(T)))
ndtr((log(S/K) + (r + s**2/2)*T)/(s*sqrt(T))) | S | exp(-((log(S/K) + (r + s**2/2)*T)/(s*sqrt(T)))**2/2)/(S*\
s*sqrt(2*pi*T))
K*exp(-r*T)*ndtr(-d) - S*ndtr(-d - s) | S | -ndtr(-d - s)
exp(-r*T)*(F*ndtr(d) - K*ndtr(d - s)) | F | exp(-r*T)*ndtr(d)
S*exp(-q*T)*ndtr(d) | q | -T*S*exp(-q*T)*ndtr(d)
exp(-r*T)*ndtr(d)*Q | d | Q*exp(-r*T - d**2/2)/sqrt(2*pi)
C/(1 + y/2)**(2*T) | y | -C*T/(1 + y/2)**(2*T + 1)
C/y + (F - C/y)/(1 + y)**n | n | -(F - C/y)*log(1 + y)/(1 + y)**n
b0 + b1*(1 - exp(-t/l))/(t/l) | b1 | l*(1 - exp(-t/l))/t
V*(1 + i)**n*(1 + j)**m | i | n*V*(1 + i)**(n - 1)*(1 + j)**m
mu*w - g*w**2*s**2/2 | w | mu - g*s**2*w
rf + b*(rm - rf) | rf | 1 - b
-a*(1 - p)**2*log(p) | p | a*(1 - p)*(2*log(p) - (1 - p)/p)
-a*y*(1 - p)**g*log(p) - (1 - a)*(1 - y)*p**g*log(1 - p) | p | a*y*(g*(1 - p)**(g - 1)*log(p) - (1 - p)**g/p\
) - (1 - a)*(1 - y)*(g*p**(g - 1)*log(1 - p) - p**g/(1 - p)) | longer
x*ndtr(x)*g | x | g*(ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi))
x*(1 + erf(x/sqrt(2)))/2 | x | (1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)
x*sigmoid(1.702*x) | x | sigmoid(1.702*x)*(1 + 1.702*x*(1 - sigmoid(1.702*x)))
x/(1 + exp(-x)) | x | sigmoid(x)*(1 + x*(1 - sigmoid(x)))
l*where(x > 0, x, a*exp(x) - a) | x | l*where(x > 0, 1, a*exp(x))
where(x > 0, x, a*x) | a | where(x > 0, 0, x)
log(1 + x**2/(2*c**2)) | x | 2*x/(2*c**2 + x**2)
1 - exp(-x**2/(2*c**2)) | x | x*exp(-x**2/(2*c**2))/c**2
x**2/(x**2 + c) | x | 2*c*x/(x**2 + c)**2
2*sqrt(1 + x**2/2) - 2 | x | x/sqrt(1 + x**2/2)
-log(sigmoid(s - t)) | s | -sigmoid(t - s)
-log(sigmoid(b*(p - pr - q + qr))) | p | -b*sigmoid(-b*(p - pr - q + qr))
minimum(r*A, (1 + c)*A) | r | where(r*A < (1 + c)*A, A, where(r*A == (1 + c)*A, A/2, 0))
exp(l - l0)*A - b*(exp(l0 - l) - 1 - (l0 - l)) | l | A*exp(l - l0) + b*(exp(l0 - l) - 1)
(r + g*v1 - v0)**2/2 | v0 | v0 - r - g*v1
"""

ARRAYS = """
-n*log(2*pi*v)/2 - sum((x - m)**2)/(2*v) | x=n | m | sum(x - m)/v
-n*log(2*pi*v)/2 - sum((x - m)**2)/(2*v) | x=n | v | sum((x - m)**2)/(2*v**2) - n/(2*v)
sum(x)*log(l) - n*l | x=n | l | sum(x)/l - n
sum(x)*log(p) + (n - sum(x))*log(1 - p) | x=n | p | sum(x)/p - (n - sum(x))/(1 - p)
n*a*log(b) - n*lgamma(a) + (a - 1)*sum(log(x)) - b*sum(x) | x=n | a | n*log(b) - n*digamma(a) + sum(log(x))
n*a*log(b) - n*lgamma(a) + (a - 1)*sum(log(x)) - b*sum(x) | x=n | b | n*a/b - sum(x)
n*log(k) - n*k*log(l) + (k - 1)*sum(log(x)) - sum((x/l)**k) | x=n | l | k*(sum((x/l)**k) - n)/l
n*log(k) - n*k*log(l) + (k - 1)*sum(log(x)) - sum((x/l)**k) | x=n | k | n/k - n*log(l) + sum(log(x)) - sum((\
x/l)**k*log(x/l))
-sum(log(1 + ((x - m)/g)**2)) - n*log(pi*g) | x=n | m | sum(2*(x - m)/(g**2 + (x - m)**2))
-sum(log(1 + ((x - m)/g)**2)) - n*log(pi*g) | x=n | g | sum(2*(x - m)**2/(g*(g**2 + (x - m)**2))) - n/g
-sum((x - m)/s) - n*log(s) - 2*sum(log(1 + exp(-(x - m)/s))) | x=n | m | sum(tanh((x - m)/(2*s)))/s | longer
n*lgamma(a + b) - n*lgamma(a) - n*lgamma(b) + (a - 1)*sum(log(x)) + (b - 1)*sum(log(1 - x)) | x=n | b | n*di\
gamma(a + b) - n*digamma(b) + sum(log(1 - x))
-sum(abs(x - m))/b - n*log(2*b) | x=n | b | sum(abs(x - m))/b**2 - n/b
sum(log(w*exp(-(x - a)**2/2) + (1 - w)*exp(-(x - b)**2/2))) | x=n | w | sum((exp(-(x - a)**2/2) - exp(-(x - \
b)**2/2))/(w*exp(-(x - a)**2/2) + (1 - w)*exp(-(x - b)**2/2)))
trace(X@A) | X=m,n A=n,m | X | A.T
trace(A@X.T) | X=n,m A=n,m | X | A
trace(X@X) | X=n,n | X | 2*X.T
trace(X@X@B) | X=n,n B=n,n | X | (X@B + B@X).T
trace(X.T@B@X) | X=n,m B=n,n | X | B@X + B.T@X
trace(X@B@X.T) | X=m,n B=n,n | X | X@B.T + X@B
trace(B.T@X.T@C@X@B) | X=n,m B=m,k C=n,n | X | C.T@X@B@B.T + C@X@B@B.T
trace(A@X@B@X) | X=n,m A=m,n B=m,n | X | A.T@X.T@B.T + B.T@X.T@A.T
trace((A@X@B + C)@(A@X@B + C).T) | A=n,m X=m,k B=k,n C=n,n | X | 2*A.T@(A@X@B + C)@B.T
trace(A.T@X@B@X.T@C) | A=n,n X=n,m B=m,m C=n,n | X | A@C.T@X@B.T + C@A.T@X@B
trace(inverse(X + A)) | X=n,n A=n,n | X | -(inverse(X + A)@inverse(X + A)).T
trace(A@inverse(X)) | X=n,n A=n,n | X | -(inverse(X)@A@inverse(X)).T
trace(inverse(X.T@C@X)@(X.T@B@X)) | X=n,m B=n,n C=n,n | B | X@inverse(X.T@C@X).T@X.T
trace(X@A@A.T@X.T) | X=n,m A=m,k | X | 2*X@A@A.T
trace(X)**2 | X=n,n | X | 2*trace(X)*eye(n)
trace(kron(X, X)) | X=n,n | X | 2*trace(X)*eye(n)
trace(kron(A, X)) | A=n,n X=m,m | X | trace(A)*eye(m)
sum(kron(A, X)) | A=n,n X=m,m | X | sum(A)*ones(m, m)
norm(kron(A, X))**2 | A=n,n X=m,m | X | 2*sum(A**2)*X
det(X)**3 | X=n,n | X | 3*det(X)**3*inverse(X).T
log(det(X)) - trace(X@S) | X=n,n S=n,n | X | inverse(X).T - S.T
1/det(X) | X=n,n | X | -inverse(X).T/det(X)
sqrt(det(X)) | X=n,n | X | sqrt(det(X))*inverse(X).T/2
log(det(inverse(X))) | X=n,n | X | -inverse(X).T
logdet(I + A@X@B) | I=n,n A=n,m X=m,m B=m,n | X | A.T@inverse(I + A@X@B).T@B.T
logdet(A + t*B) | A=n,n B=n,n | t | trace(inverse(A + t*B)@B)
logdet(diag(x) + A) | A=n,n x=n | x | diagonal(inverse(A + diag(x)))
det(A + t*B) | A=n,n B=n,n | t | det(A + t*B)*trace(inverse(A + t*B)@B)
inverse(A + t*B)[0, 1] | A=n,n B=n,n | t | -(inverse(A + t*B)@B@inverse(A + t*B))[0, 1] | longer
trace(inverse(A + t*B)) | A=n,n B=n,n | t | -trace(inverse(A + t*B)@B@inverse(A + t*B))
a@X@b | X=n,m a=n b=m | X | outer(a, b)
a@X.T@b | X=n,m a=m b=n | X | outer(b, a)
a@X@a | X=n,n a=n | X | outer(a, a)
a@X@X.T@b | X=n,m a=n b=n | X | (outer(a, b) + outer(b, a))@X
(X@b + c)@(X@b + c) | X=n,m b=m c=n | X | 2*outer(X@b + c, b)
(x - A@s)@W@(x - A@s) | x=n A=n,m s=m W=n,n | s | -A.T@(W + W.T)@(x - A@s)
(x - A@s)@W@(x - A@s) | x=n A=n,m s=m W=n,n | A | -outer((W + W.T)@(x - A@s), s)
(x - s)@W@(x - s) | x=n s=n W=n,n | W | outer(x - s, x - s)
(A@x + b)@C@(D@x + e) | A=n,n x=n b=n C=n,n D=n,n e=n | x | A.T@C@(D@x + e) + D.T@C.T@(A@x + b)
b@X.T@D@X@c | X=n,m b=m D=n,n c=m | X | D.T@X@outer(b, c) + D@X@outer(c, b)
norm(x - a) | x=n a=n | x | (x - a)/norm(x - a)
(x - a)/norm(x - a)@u | x=n a=n u=n | x | (u - (x - a)*((x - a)@u)/norm(x - a)**2)/norm(x - a)
norm(x)**2*(a@x) | x=n a=n | x | 2*x*(a@x) + a*norm(x)**2
norm(A@x)**2/norm(B@x)**2 | A=n,n B=n,n x=n | x | 2*A.T@A@x/norm(B@x)**2 - 2*B.T@B@x*norm(A@x)**2/norm(B@x)*\
*4
norm(X.T@X - eye(m))**2 | X=n,m | X | 4*X@(X.T@X - eye(m))
norm(A@X@B)**2 | A=n,n X=n,m B=m,k | X | 2*A.T@A@X@B@B.T
norm(A@inverse(X))**2 | A=m,n X=n,n | A | 2*A@inverse(X)@inverse(X).T
norm(x, 3)**3 | x=n | x | 3*x*abs(x)
norm(X@Y - A)**2/2 + l*(norm(X)**2 + norm(Y)**2)/2 | X=n,k Y=k,m A=n,m | Y | X.T@(X@Y - A) + l*Y
sum((A*X)**2) | A=n,m X=n,m | X | 2*A**2*X
sum(A*X*X*X) | A=n,m X=n,m | X | 3*A*X**2
ones(n)@X@ones(m) | X=n,m | X | ones(n, m)
x@A@x*(b@x) | A=n,n x=n b=n | x | (A + A.T)@x*(b@x) + b*(x@A@x)
exp(x@A@x) | A=n,n x=n | x | exp(x@A@x)*(A + A.T)@x
log(x@A@x) - log(x@x) | A=n,n x=n | x | (A + A.T)@x/(x@A@x) - 2*x/(x@x)
(a@x)*(b@x)*(c@x) | a=n b=n c=n x=n | x | a*(b@x)*(c@x) + b*(a@x)*(c@x) + c*(a@x)*(b@x)
x@x/(a@x)**2 | x=n a=n | x | 2*x/(a@x)**2 - 2*a*(x@x)/(a@x)**3
sqrt(1 + x@x) | x=n | x | x/sqrt(1 + x@x)
(x@x)**p | x=n | x | 2*p*(x@x)**(p - 1)*x
diag(x)@A@diag(x)@u@v | x=n A=n,n u=n v=n | x | v*(A@(x*u)) + u*(A.T@(x*v))
x@diag(x)@x | x=n | x | 3*x**2
u@(x*(A@x)) | x=n A=n,n u=n | x | u*(A@x) + A.T@(u*x)
sum(diagonal(X)*a) | X=n,n a=n | X | diag(a)
sum(triu(X, 1)**2) | X=n,n | X | 2*triu(X, 1)
norm(y - X@w)**2/(2*s**2) + norm(w)**2/(2*t**2) | X=n,m w=m y=n | w | X.T@(X@w - y)/s**2 + w/t**2
norm(y - X@w)**2 + l*norm(D@w)**2 | X=n,m w=m y=n D=k,m | w | 2*X.T@(X@w - y) + 2*l*D.T@D@w
(y - X@w)@inverse(S)@(y - X@w)/2 | X=n,m w=m y=n S=n,n | w | -X.T@(inverse(S) + inverse(S).T)@(y - X@w)/2
sum(a*(y - X@w)**2)/2 + l*sum(w**2)/2 | X=n,m w=m y=n a=n | w | X.T@(a*(X@w - y)) + l*w
norm(Y - X@W)**2 | X=n,m W=m,k Y=n,k | W | 2*X.T@(X@W - Y)
trace((Y - X@W)@S@(Y - X@W).T) | X=n,m W=m,k Y=n,k S=k,k | W | -X.T@(Y - X@W)@(S + S.T)
-n*log(2*pi*v)/2 - norm(y - X@w)**2/(2*v) | X=n,m w=m y=n | w | X.T@(y - X@w)/v
-n*log(2*pi*v)/2 - norm(y - X@w)**2/(2*v) | X=n,m w=m y=n | v | norm(y - X@w)**2/(2*v**2) - n/(2*v)
-logdet(S)/2 - (x - m)@inverse(S)@(x - m)/2 | x=n m=n S=n,n | m | (inverse(S) + inverse(S).T)@(x - m)/2
-logdet(S)/2 - (x - m)@inverse(S)@(x - m)/2 | x=n m=n S=n,n | S | (inverse(S).T@outer(x - m, x - m)@inverse(\
S).T - inverse(S).T)/2 | longer
n*logdet(L)/2 - trace(L@S)/2 | L=n,n S=n,n | L | n*inverse(L).T/2 - S.T/2
sqrt((x - m)@inverse(S)@(x - m)) | x=n m=n S=n,n | x | (inverse(S) + inverse(S).T)@(x - m)/(2*sqrt((x - m)@i\
nverse(S)@(x - m)))
sum((x - A@z)**2/v) + sum(z**2) | x=n A=n,m z=m v=n | z | 2*z - 2*A.T@((x - A@z)/v)
y@inverse(K + s*eye(n))@y/2 + logdet(K + s*eye(n))/2 | K=n,n y=n | K | (inverse(K + s*eye(n)).T - inverse(K \
+ s*eye(n)).T@outer(y, y)@inverse(K + s*eye(n)).T)/2
k@inverse(K)@y | k=n K=n,n y=n | y | inverse(K).T@k
k@inverse(K)@k | k=n K=n,n | k | (inverse(K) + inverse(K).T)@k
w@S@w - 2*g*(m@w) | w=n S=n,n m=n | w | (S + S.T)@w - 2*g*m
m@w/sqrt(w@S@w) | w=n S=n,n m=n | w | m/sqrt(w@S@w) - (m@w)*(S + S.T)@w/(2*(w@S@w)**(3/2))
sqrt(w@S@w) | w=n S=n,n | w | (S + S.T)@w/(2*sqrt(w@S@w))
w*(S@w)/sqrt(w@S@w)@c | w=n S=n,n c=n | c | w*(S@w)/sqrt(w@S@w)
-sum(y*log(softmax(W@x + b))) | W=k,n x=n b=k y=k | b | softmax(W@x + b)*sum(y) - y
-sum(y*log(softmax(W@x + b))) | W=k,n x=n b=k y=k | W | outer(softmax(W@x + b)*sum(y) - y, x)
-log(softmax(W@x + b)[0]) | W=k,n x=n b=k | b | softmax(W@x + b) - one_hot(0, k)
-log_softmax(W@x)[0] | W=k,n x=n | W | outer(softmax(W@x) - one_hot(0, k), x)
logsumexp(W@x + b, 0) | W=k,n x=n b=k | W | outer(softmax(W@x + b), x)
sum(softmax(z)*c) | z=n c=n | z | softmax(z)*(c - sum(softmax(z)*c))
softmax(q@K.T/sqrt(d))@v | q=d K=n,d v=n | v | softmax(q@K.T/sqrt(d))
softmax(K@q/sqrt(d))@v | q=d K=n,d v=n | q | K.T@(softmax(K@q/sqrt(d))*(v - v@softmax(K@q/sqrt(d))))/sqrt(d)
sum(u*(x - mean(x))/sqrt(var(x, correction=0) + e)) | x=n u=n | u | (x - mean(x))/sqrt(var(x, correction=0) \
+ e) | longer
sum(g*layer_norm(x, (n,))) | x=n g=n | g | layer_norm(x, (n,)) | longer
m = mean(x); s = sqrt(mean((x - m)**2) + e); sum(g*((x - m)/s)) | x=n g=n | x | (g - mean(g) - (x - mean(x))\
*mean(g*(x - mean(x)))/(mean((x - mean(x))**2) + e))/sqrt(mean((x - mean(x))**2) + e)
sum(g*x)/sqrt(mean(x**2) + e) | x=n g=n | x | (g - x*sum(g*x)/(n*(mean(x**2) + e)))/sqrt(mean(x**2) + e)
sum(G*(X - mean(X, 0))/sqrt(var(X, 0, correction=0) + e)) | X=n,m G=n,m | G | (X - mean(X, 0))/sqrt(var(X, 0\
, correction=0) + e) | longer
-log(exp(a@p/t)/(exp(a@p/t) + sum(exp(N@a/t)))) | a=d p=d N=k,d | p | a*(exp(a@p/t)/(exp(a@p/t) + sum(exp(N@\
a/t))) - 1)/t
-a@p/t + log(exp(a@p/t) + sum(exp(N@a/t))) | a=d p=d N=k,d | a | (exp(a@p/t)*p + N.T@exp(N@a/t))/(t*(exp(a@p\
/t) + sum(exp(N@a/t)))) - p/t
-log_softmax(C@a/t)[0] | a=d C=k,d | a | C.T@(softmax(C@a/t) - one_hot(0, k))/t
relu(norm(a - p) - norm(a - q) + m) | a=d p=d q=d | a | where(norm(a - p) - norm(a - q) + m > 0, (a - p)/nor\
m(a - p) - (a - q)/norm(a - q), 0)
relu(norm(a - p)**2 - norm(a - q)**2 + m) | a=d p=d q=d | p | where(norm(a - p)**2 - norm(a - q)**2 + m > 0,\
 2*(p - a), 0)
maximum(0, m - norm(a - p)) | a=d p=d | a | where(norm(a - p) < m, (p - a)/norm(a - p), 0) | longer
y*norm(a - b)**2/2 + (1 - y)*relu(m - norm(a - b))**2/2 | a=d b=d | a | y*(a - b) - (1 - y)*relu(m - norm(a \
- b))*(a - b)/norm(a - b)
sum(maximum(0, 1 - y*(X@w + b))) | X=n,m w=m y=n | b | -sum(where(y*(X@w + b) < 1, y, 0)) | longer
sum(maximum(0, 1 + s - s[0])) | s=n | s | where(1 + s - s[0] > 0, 1.0, 0.0) - sum(where(1 + s - s[0] > 0, 1.\
0, 0.0))*one_hot(0, n) | longer
sum(where(abs(X@w - y) < c, (X@w - y)**2/2, c*(abs(X@w - y) - c/2))) | X=n,m w=m y=n | w | X.T@where(abs(X@w\
 - y) < c, X@w - y, c*sign(X@w - y))
sum(relu(x)**2) | x=n | x | 2*relu(x)
v@((1 - z)*h + z*tanh(W@x + U@(r*h) + b)) | v=n z=n h=n W=n,m x=m U=n,n r=n b=n | z | v*(tanh(W@x + U@(r*h) \
+ b) - h)
v@((1 - z)*h + z*tanh(W@x + U@(r*h) + b)) | v=n z=n h=n W=n,m x=m U=n,n r=n b=n | r | h*(U.T@(v*z*(1 - tanh(\
W@x + U@(r*h) + b)**2)))
v@((1 - z)*h + z*tanh(W@x + U@(r*h) + b)) | v=n z=n h=n W=n,m x=m U=n,n r=n b=n | W | outer(v*z*(1 - tanh(W@\
x + U@(r*h) + b)**2), x)
z = sigmoid(W@x + U@h); v@((1 - z)*h + z*c) | v=n W=n,m x=m U=n,n h=n c=n | W | outer(v*(c - h)*sigmoid(W@x \
+ U@h)*(1 - sigmoid(W@x + U@h)), x)
v@(sigmoid(f)*c + sigmoid(i)*tanh(g)) | v=n f=n c=n i=n g=n | f | v*c*sigmoid(f)*(1 - sigmoid(f))
v@(sigmoid(o)*tanh(c)) | v=n o=n c=n | c | v*sigmoid(o)*(1 - tanh(c)**2)
W2@tanh(W1@x)@v | W2=k,m W1=m,n x=n v=k | W2 | outer(v, tanh(W1@x))
norm(y - W2@relu(W1@x))**2/2 | W2=k,m W1=m,n x=n y=k | W1 | outer(where(W1@x > 0, W2.T@(W2@relu(W1@x) - y), \
0), x)
norm(x - D@z)**2/2 + l*sum(abs(z)) | x=n D=n,k z=k | z | D.T@(D@z - x) + l*sign(z)
norm(x - W.T@sigmoid(W@x))**2 | x=n W=k,n | W | 2*outer(sigmoid(W@x), W.T@sigmoid(W@x) - x) + 2*outer(sigmoi\
d(W@x)*(1 - sigmoid(W@x))*(W@(W.T@sigmoid(W@x) - x)), x)
sum((x - m)**2*exp(-s) + s)/2 | x=n m=n s=n | s | (1 - (x - m)**2*exp(-s))/2
sum(exp(s) + m**2 - 1 - s)/2 | m=n s=n | s | (exp(s) - 1)/2
sum(p*log(p/q)) + sum(q*log(q/p)) | p=n q=n | p | log(p/q) + 1 - q/p
sum(p*log(2*p/(p + q)) + q*log(2*q/(p + q)))/2 | p=n q=n | p | log(2*p/(p + q))/2
-log(sum(sqrt(p*q))) | p=n q=n | p | -sqrt(q/p)/(2*sum(sqrt(p*q))) | longer
(1 - sum(x**q))/(q - 1) | x=n | x | -q*x**(q - 1)/(q - 1)
log(sum(x**a))/(1 - a) | x=n | x | a*x**(a - 1)/((1 - a)*sum(x**a))
sum((X[:, None] - c)**2) | X=n c=m | c | 2*(n*c - sum(X))
sum(exp(-(x[:, None] - x[None, :])**2)) | x=n | x | -4*sum((x[:, None] - x[None, :])*exp(-(x[:, None] - x[No\
ne, :])**2), 1)
sum(u*cumsum(x, 0)) | x=n u=n | x | flip(cumsum(flip(u, 0), 0), 0)
sum((x[1:] - a*x[:-1])**2) | x=n | a | -2*sum((x[1:] - a*x[:-1])*x[:-1])
mean(x[:-1]*x[1:]) | x=n | x | (pad(x[1:], (0, 1)) + pad(x[:-1], (1, 0)))/(n - 1)
"""
