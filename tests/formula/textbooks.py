"""More derivatives as textbooks give them, in lines as those of `catalogue`."""

SCALARS = """
x*sqrt(x**2 + a**2)/2 + a**2/2*log(x + sqrt(x**2 + a**2)) | x | sqrt(x**2 + a**2)
x**x | x | x**x*(log(x) + 1)
x**(2*x) | x | 2*x**(2*x)*(log(x) + 1)
(sin(x))**x | x | sin(x)**x*(log(sin(x)) + x*cos(x)/sin(x))
x**sin(x) | x | x**sin(x)*(cos(x)*log(x) + sin(x)/x)
x**(1/x) | x | x**(1/x)*(1 - log(x))/x**2
a**(x**2) | x | 2*x*a**(x**2)*log(a)
x**n*exp(-x) | x | x**(n - 1)*exp(-x)*(n - x)
x**(n+1)/(n+1) | x | x**n
exp(x)/(exp(x)-1) | x | -exp(x)/(exp(x) - 1)**2
1/(exp(x)-1) | x | -exp(x)/(exp(x) - 1)**2
log(exp(x)-1) | x | exp(x)/(exp(x) - 1)
tan(x/2) | x | (1 + tan(x/2)**2)/2
sin(x/2)*cos(x/2) | x | cos(x)/2
log(tan(x/2)) | x | 1/sin(x)
log((1+sin(x))/(1-sin(x)))/2 | x | 1/cos(x)
hypot(x, y) | x | x/hypot(x, y)
sqrt(x**2 + a**2) | x | x/sqrt(x**2 + a**2)
a*atan(x/a) | x | a**2/(a**2 + x**2)
atan2(y, x) | x | -y/(x**2 + y**2)
sin(x)**3*cos(x) | x | 3*sin(x)**2*cos(x)**2 - sin(x)**4
cos(x)**2 | x | -sin(2*x)
x - sin(x)*cos(x) | x | 2*sin(x)**2
cosh(x)*sinh(x) | x | cosh(2*x)
tanh(x)**2 | x | 2*tanh(x)*(1 - tanh(x)**2)
(exp(x)-1)/(exp(x)+1) | x | 2*exp(x)/(exp(x) + 1)**2
1/(1+exp(-k*(x-m))) | x | k*sigmoid(k*(x - m))*(1 - sigmoid(k*(x - m)))
exp(-abs(x)) | x | -sign(x)*exp(-abs(x))
abs(x)**3 | x | 3*x*abs(x)
x*abs(x) | x | 2*abs(x)
exp(-a*x)*cos(w*x) | x | -exp(-a*x)*(a*cos(w*x) + w*sin(w*x))
A/(1 + B*exp(-k*t)) | t | A*B*k*exp(-k*t)/(1 + B*exp(-k*t))**2
k*q1*q2/r**2 | r | -2*k*q1*q2/r**3
4*e*((s/r)**12 - (s/r)**6) | r | 24*e*((s/r)**6 - 2*(s/r)**12)/r
2*h*f**3/c**2/(exp(h*f/(k*T))-1) | T | 2*h**2*f**4*exp(h*f/(k*T))/(c**2*k*T**2*(exp(h*f/(k*T)) - 1)**2)
n*log(p) + (N - n)*log(1 - p) | p | n/p - (N - n)/(1 - p)
p*(1-p) | p | 1 - 2*p
lgamma(a+b) - lgamma(a) - lgamma(b) | a | digamma(a + b) - digamma(a)
x**(a-1)*(1-x)**(b-1) | x | x**(a - 2)*(1 - x)**(b - 2)*((a - 1)*(1 - x) - (b - 1)*x)
exp(sin(x)**2) | x | sin(2*x)*exp(sin(x)**2)
x**(1/3) | x | 1/(3*x**(2/3))
(x**3 + 1)**(1/3) | x | x**2/(x**3 + 1)**(2/3)
erf(x/sqrt(2)) | x | sqrt(2/pi)*exp(-x**2/2)
(3*x**2 + 2*x - 5)**4 | x | 8*(3*x + 1)*(3*x**2 + 2*x - 5)**3
(x**2 + 1)*(x**3 - x) | x | 5*x**4 - 1
x*(x-1)*(x-2) | x | 3*x**2 - 6*x + 2
(x**2 - 3*x)/(x + 1) | x | (x**2 + 2*x - 3)/(x + 1)**2
x/(x**2+1)**2 | x | (1 - 3*x**2)/(x**2 + 1)**3
sqrt(3*x + 1) | x | 3/(2*sqrt(3*x + 1))
x*sqrt(4 - x**2) | x | (4 - 2*x**2)/sqrt(4 - x**2)
sqrt(x)/(1+x) | x | (1 - x)/(2*sqrt(x)*(x + 1)**2)
(x+1)/sqrt(x) | x | (x - 1)/(2*x**(3/2))
exp(2*x)*sin(3*x) | x | exp(2*x)*(2*sin(3*x) + 3*cos(3*x))
exp(x)*log(x) | x | exp(x)*(log(x) + 1/x)
(exp(x) + exp(-x))/(exp(x) - exp(-x)) | x | -1/sinh(x)**2
log(x**2 - 4) | x | 2*x/(x**2 - 4)
log((x+1)/(x-1)) | x | -2/(x**2 - 1)
log(sqrt(x**2+1)) | x | x/(x**2 + 1)
log(sin(x)**2) | x | 2*cos(x)/sin(x)
log(abs(x)) | x | 1/x
log(x)**3 | x | 3*log(x)**2/x
x**log(x) | x | 2*x**(log(x) - 1)*log(x)
sin(x**2)*cos(x) | x | 2*x*cos(x)*cos(x**2) - sin(x)*sin(x**2)
sin(cos(x)) | x | -sin(x)*cos(cos(x))
1/sin(x) | x | -cos(x)/sin(x)**2
1/tan(x) | x | -1/sin(x)**2
cos(x)/sin(x) | x | -1/sin(x)**2
(sin(x) + cos(x))/exp(x) | x | -2*exp(-x)*sin(x)
sin(x)**4 + cos(x)**4 | x | -sin(4*x)
sin(x)**4 - cos(x)**4 | x | 2*sin(2*x)
tan(x)**3/3 - tan(x) + x | x | tan(x)**4
1/cos(x)**2 | x | 2*tan(x)/cos(x)**2
sinh(x)/(1+cosh(x)) | x | 1/(cosh(x) + 1)
1/cosh(x) | x | -tanh(x)/cosh(x)
cosh(x)/sinh(x) | x | -1/sinh(x)**2
x*tanh(x) - log(cosh(x)) | x | x*(1 - tanh(x)**2)
atan((x-1)/(x+1)) | x | 1/(x**2 + 1)
x*asin(x) | x | asin(x) + x/sqrt(1 - x**2)
asin(x)**2 | x | 2*asin(x)/sqrt(1 - x**2)
x**2*atan(x) | x | 2*x*atan(x) + x**2/(x**2 + 1)
x*asinh(x) - sqrt(1+x**2) | x | asinh(x)
acosh(x) + asin(1/x) | x | 1/sqrt(x**2 - 1) - 1/(x**2*sqrt(1 - 1/x**2))
sqrt(1 - exp(-2*x)) | x | exp(-2*x)/sqrt(1 - exp(-2*x))
exp(x)/x**2 | x | exp(x)*(x - 2)/x**3
exp(-x)*(x + 1) | x | -x*exp(-x)
G*m1*m2/r**2 | r | -2*G*m1*m2/r**3
m*c**2/sqrt(1 - v**2/c**2) | v | m*v/(1 - v**2/c**2)**(3/2)
v0*t - g*t**2/2 | t | v0 - g*t
A*exp(-b*t)*sin(w*t + p) | t | A*exp(-b*t)*(w*cos(p + t*w) - b*sin(p + t*w))
1/(1/R1 + 1/R2) | R1 | R2**2/(R1 + R2)**2
V**2*R/(R + r)**2 | R | V**2*(r - R)/(R + r)**3
V*(1 - exp(-t/(R*C))) | t | V*exp(-t/(C*R))/(C*R)
N0*2**(-t/h) | t | -N0*2**(-t/h)*log(2)/h
P*(1 + r/n)**(n*t) | r | P*t*(1 + r/n)**(n*t - 1)
log(L/(1-L)) | L | 1/(L*(1 - L))
a/(1+exp(b*x+c)) | x | -a*b*sigmoid(b*x + c)*sigmoid(-b*x - c)
1 - exp(-(t/l)**k) | t | k*(t/l)**(k - 1)*exp(-(t/l)**k)/l
1/(p*sqrt(2*pi))*exp(-(x-m)**2/(2*p**2)) | m | (x - m)*exp(-(x - m)**2/(2*p**2))/(p**3*sqrt(2*pi))
l*exp(-l*x) | l | exp(-l*x)*(1 - l*x)
k*log(l) - l - lgamma(k+1) | l | k/l - 1
x**2/(x**2 + K**2) | x | 2*K**2*x/(K**2 + x**2)**2
a*x/(1 + a*h*x) | x | a/(a*h*x + 1)**2
r*x*(1 - x/K) | x | r - 2*r*x/K
r*x*(1 - x/K)*(x/A - 1) | x | r*(2*A*x + 2*K*x - A*K - 3*x**2)/(A*K)
log(1 + exp(-y*x)) | x | -y*sigmoid(-x*y)
x**2*sign(x) | x | 2*abs(x)
sqrt(x**2) | x | x/sqrt(x**2)
sqrt(1 + cos(x)) | x | -sin(x)/(2*sqrt(cos(x) + 1))
2*sin(x)*cos(x) | x | 2*cos(2*x)
(1+tan(x)**2)*cos(x)**2 | x | 0
log(x/(1-x)) - 1/x | x | 1/(x*(1 - x)) + 1/x**2
"""

ARRAYS = """
x@A@y | A | outer(x, y)
sum(log(sigmoid(A@x))) | x | A.T @ sigmoid(-A @ x)
x@x/(1 + x@x) | x | 2*x/(1 + x @ x)**2
sqrt(x@S@x) | x | (S + S.T) @ x/(2*sqrt(x @ S @ x))
exp(-x@S@x/2) | x | -exp(-x @ S @ x/2)*(S + S.T) @ x/2
log(x@S@x) | x | (S + S.T) @ x/(x @ S @ x)
x@y/(norm(x)*norm(y)) | y | (x - y*(x @ y)/norm(y)**2)/(norm(x)*norm(y))
sum(exp(x))/n | x | exp(x)/n
sum(x**2)/sum(x) | x | (2*x - sum(x**2)/sum(x))/sum(x)
sum(softplus(-y*(X@w)))/n | w | -X.T @ (y*sigmoid(-y*(X @ w)))/n
sum(X**2)/2 + sum(abs(X)) | X | X + sign(X)
norm(X@w - y) | w | X.T @ (X @ w - y)/norm(X @ w - y)
y@tanh(A@x) | A | outer(y*(1 - tanh(A @ x)**2), x)
sum((x - mean(x))**3) | x | 3*((x - mean(x))**2 - mean((x - mean(x))**2))
u@cumsum(x, 0) | x | flip(cumsum(flip(u, 0), 0), 0)
det(X.T@X) | X | 2*det(X.T @ X)*X @ inverse(X.T @ X)
sum((x[:, None] - y[None, :])**2) | x | 2*(n*x - sum(y))
kron(A, B).sum() | A | sum(B)*ones(n, n)
sum(A@x*y) | x | A.T @ y
"""
