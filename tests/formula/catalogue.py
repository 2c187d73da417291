"""Derivatives as textbooks give them: a program, the name differentiated by, and the textbook's formula.

Each line stands for itself; `n`, `m`, `k` and `d` are sizes. The test beside this file asks that ours is no
longer, by the number of symbols, and equal in value.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import fields
import handbooks
import lectures
import papers
import sciences
import textbooks


class Entry(NamedTuple):
    """One derivative."""

    program: str
    shapes: dict[str, str]
    wrt: str
    textbook: str
    longer: bool = False
    """Whether ours is longer."""


SYMBOL = re.compile(r"\d+\.?\d*|\w+|\*\*|[<>=]=|\S")


def symbols(text: str) -> int:
    """How many there are to read."""
    return len(SYMBOL.findall(text))


SHAPES = {
    "X": "n,m", "w": "m", "y": "n", "x": "n", "u": "n", "v": "n", "z": "n", "A": "n,n", "B": "n,n",
    "C": "m,n", "L": "n,n", "W": "k,n", "b": "k", "Q": "n,d", "K": "k,d", "V": "k,d",
}  # fmt: skip

SCALARS = """
5 | x | 0
x**2 | x | 2*x
x**3 - 3*x + 1 | x | 3*x**2 - 3
1/x | x | -1/x**2
1/x**2 | x | -2/x**3
sqrt(x) | x | 1/(2*sqrt(x))
1/sqrt(x) | x | -1/(2*x**(3/2))
x**n | x | n*x**(n - 1)
x**(3/2) | x | 3*sqrt(x)/2
exp(x) | x | exp(x)
exp(a*x) | x | a*exp(a*x)
exp(-x) | x | -exp(-x)
exp(x**2) | x | 2*x*exp(x**2)
exp(-x**2/2) | x | -x*exp(-x**2/2)
2**x | x | 2**x*log(2)
e**x | x | e**x
x*e**(-x**2/2) | x | e**(-x**2/2)*(1 - x**2)
log(x) | x | 1/x
log2(x) | x | 1/(x*log(2))
log10(x) | x | 1/(x*log(10))
log(1 + x) | x | 1/(x + 1)
log(x**2 + 1) | x | 2*x/(x**2 + 1)
log(log(x)) | x | 1/(x*log(x))
log1p(x) | x | 1/(x + 1)
expm1(x) | x | exp(x)
sin(x) | x | cos(x)
cos(x) | x | -sin(x)
tan(x) | x | 1 + tan(x)**2
asin(x) | x | 1/sqrt(1 - x**2)
acos(x) | x | -1/sqrt(1 - x**2)
atan(x) | x | 1/(1 + x**2)
sinh(x) | x | cosh(x)
cosh(x) | x | sinh(x)
tanh(x) | x | 1 - tanh(x)**2
asinh(x) | x | 1/hypot(x, 1)
acosh(x) | x | 1/sqrt(x**2 - 1)
atanh(x) | x | 1/(1 - x**2)
sin(x)**2 | x | 2*sin(x)*cos(x)
sin(x)**2 + cos(x)**2 | x | 0
sin(2*x) | x | 2*cos(2*x)
sin(x**2) | x | 2*x*cos(x**2)
sin(x)*cos(x) | x | cos(x)**2 - sin(x)**2
sin(x)/x | x | cos(x)/x - sin(x)/x**2
sin(x)*exp(x) | x | exp(x)*(sin(x) + cos(x))
x*exp(x) | x | exp(x)*(x + 1)
x*exp(-x) | x | exp(-x)*(1 - x)
x*log(x) | x | log(x) + 1
x*log(x) - x | x | log(x)
x**2*exp(x) | x | x*exp(x)*(x + 2)
exp(sin(x)) | x | cos(x)*exp(sin(x))
log(sin(x)) | x | cos(x)/sin(x)
log(cos(x)) | x | -sin(x)/cos(x)
sqrt(1 + x**2) | x | x/sqrt(1 + x**2)
sqrt(a**2 - x**2) | x | -x/sqrt(a**2 - x**2)
x/(1 + x) | x | 1/(1 + x)**2
x/(1 + x**2) | x | (1 - x**2)/(1 + x**2)**2
1/(1 + x**2) | x | -2*x/(1 + x**2)**2
(a*x + b)/(c*x + d) | x | (a*d - b*c)/(c*x + d)**2
(x - 1)/(x + 1) | x | 2/(x + 1)**2
log(x/(1 - x)) | x | 1/(x*(1 - x))
abs(x) | x | sign(x)
exp(a*x)*sin(b*x) | x | exp(a*x)*(a*sin(b*x) + b*cos(b*x))
sigmoid(x) | x | sigmoid(x)*(1 - sigmoid(x))
1/(1 + exp(-x)) | x | exp(-x)/(1 + exp(-x))**2
log(1 + exp(x)) | x | exp(x)/(1 + exp(x))
log(sigmoid(x)) | x | sigmoid(-x)
softplus(x) | x | sigmoid(x)
relu(x) | x | where(x > 0, 1, 0)
x*sigmoid(x) | x | sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))
erf(x) | x | 2*exp(-x**2)/sqrt(pi)
x*y | x | y
x*y | y | x
x/y | y | -x/y**2
x**2*y**3 | y | 3*x**2*y**2
sqrt(x**2 + y**2) | x | x/sqrt(x**2 + y**2)
hypot(x, y) | y | y/hypot(x, y)
atan2(y, x) | y | x/(x**2 + y**2)
log(x**2 + y**2) | x | 2*x/(x**2 + y**2)
y = 2*x; z = y**2 | x | 8*x
y = x**2; z = sin(y) | x | 2*x*cos(x**2)
u = x*y; f = exp(u) | x | y*exp(x*y)
a = x + y; c = x - y; f = a*c | x | 2*x
p*log(p) | p | log(p) + 1
-p*log(p) - (1 - p)*log(1 - p) | p | log(1 - p) - log(p)
1/2*m*v**2 | v | m*v
G*m*M/r**2 | r | -2*G*m*M/r**3
k*q*s/r | r | -k*q*s/r**2
1/2*k*x**2 | x | k*x
m*g*h | h | m*g
A*sin(omega*t + phi) | t | A*omega*cos(omega*t + phi)
A*exp(-k*t) | t | -A*k*exp(-k*t)
m*c**2/sqrt(1 - v**2/c**2) | m | c**2/sqrt(1 - v**2/c**2)
V**2/R | R | -V**2/R**2
1/(1/a + 1/b) | a | 1/(a**2*(1/a + 1/b)**2)
n*R*T/V | V | -n*R*T/V**2
R*T/(V - b) - a/V**2 | V | 2*a/V**3 - R*T/(V - b)**2
4*eps*((s/r)**12 - (s/r)**6) | eps | 4*((s/r)**12 - (s/r)**6)
sigma*T**4 | T | 4*sigma*T**3
Vmax*S/(Km + S) | S | Vmax*Km/(Km + S)**2
r*N*(1 - N/K) | N | r - 2*r*N/K
N0*exp(-lam*t) | lam | -N0*t*exp(-lam*t)
P*(1 + r)**t | P | (1 + r)**t
-(x - mu)**2/(2*s**2) | mu | (x - mu)/s**2
-(x - mu)**2/(2*s**2) - log(s) | s | (x - mu)**2/s**3 - 1/s
k*log(p) + (n - k)*log(1 - p) | p | k/p - (n - k)/(1 - p)
k*log(lam) - lam | lam | k/lam - 1
n*log(lam) - lam*s | lam | n/lam - s
(z - y)**2/2 | z | z - y
-y*log(p) - (1 - y)*log(1 - p) | p | (1 - y)/(1 - p) - y/p
log(1 + exp(-y*z)) | z | -y/(1 + exp(y*z))
tanh(w*x + b) | w | x*(1 - tanh(w*x + b)**2)
maximum(x, y) | x | where(x < y, 0, where(x == y, 1/2, 1))
exp(x)/(exp(x) + 1) | x | exp(x)/(exp(x) + 1)**2
x**2*sin(x) | x | 2*x*sin(x) + x**2*cos(x)
(x**2 + 1)*(x - 2) | x | 3*x**2 - 4*x + 1
(2*x + 1)**5 | x | 10*(2*x + 1)**4
1/(x**2 + a**2) | x | -2*x/(x**2 + a**2)**2
exp(-a*x**2) | x | -2*a*x*exp(-a*x**2)
cosh(x)**2 - sinh(x)**2 | x | 0
sinh(x)*cosh(x) | x | cosh(x)**2 + sinh(x)**2
"""

ARRAYS = """
sum(x) | x | ones(n)
mean(x) | x | ones(n)/n
sum(x**2) | x | 2*x
mean(x**2) | x | 2*x/n
sum(x**3)/3 | x | x**2
u@x | x | u
x@x | x | 2*x
x@A@x | x | (A + A.T) @ x
x@A@x/2 - u@x | x | (A + A.T) @ x/2 - u
u@A@v | A | outer(u, v)
u@A@v | u | A @ v
u@A@v | v | A.T @ u
sum(A@x) | x | A.T @ ones(n)
sum((A@x - u)**2) | x | 2*A.T @ (A @ x - u)
sum((X@w - y)**2) | w | 2*X.T @ (X @ w - y)
sum((X@w - y)**2)/2 | w | X.T @ (X @ w - y)
mean((X@w - y)**2) | w | 2*X.T @ (X @ w - y)/n
sum((X@w - y)**2) + lam*sum(w**2) | w | 2*X.T @ (X @ w - y) + 2*lam*w
norm(X@w - y)**2 + lam*norm(w)**2 | w | 2*X.T @ (X @ w - y) + 2*lam*w
sum((X@w - y)**2) | y | -2*(X @ w - y)
sum((X@w - y)**2) | X | 2*outer(X @ w - y, w)
sum(softplus(X@w) - y*(X@w)) | w | X.T @ (sigmoid(X @ w) - y)
-mean(y*log(sigmoid(X@w)) + (1 - y)*log(1 - sigmoid(X@w))) | w | X.T @ (sigmoid(X @ w) - y)/n
sum(log(1 + exp(-y*(X@w)))) | w | -X.T @ (y*sigmoid(-y*(X @ w)))
trace(A) | A | eye(n)
trace(A@B) | A | B.T
trace(A.T@B) | A | B
trace(A.T@A) | A | 2*A
trace(A@A) | A | 2*A.T
trace(A@X@C) | X | A.T @ C.T
trace(X.T@A@X) | X | A @ X + A.T @ X
trace(inverse(A)) | A | -(inverse(A) @ inverse(A)).T
trace(inverse(A)@B) | A | -(inverse(A) @ B @ inverse(A)).T
det(A) | A | det(A)*inverse(A).T
log(det(A)) | A | inverse(A).T
logdet(A) | A | inverse(A).T
u@inverse(A)@v | A | -inverse(A).T @ outer(u, v) @ inverse(A).T
u@linalg.solve(A, v) | v | linalg.solve(A.T, u)
norm(x) | x | x/norm(x)
norm(x)**2 | x | 2*x
norm(x - u) | x | (x - u)/norm(x - u)
norm(A@x - u) | x | A.T @ (A @ x - u)/norm(A @ x - u)
sum(A**2) | A | 2*A
sum((A - B)**2) | A | 2*(A - B)
sum(A*B) | A | B
sum(abs(x)) | x | sign(x)
sum(exp(x)) | x | exp(x)
sum(log(x)) | x | 1/x
sum(x*log(x)) | x | log(x) + 1
sum(u*x) | x | u
log(sum(exp(x))) | x | softmax(x)
logsumexp(x, 0) | x | softmax(x)
u@softmax(x) | x | softmax(x)*(u - u @ softmax(x))
-log_softmax(z)[0] | z | softmax(z) - one_hot(0, n)
-sum(u*log_softmax(z)) | z | sum(u)*softmax(z) - u
sum((x - mean(x))**2) | x | 2*(x - mean(x))
var(x) | x | 2*(x - mean(x))/(n - 1)
sum(relu(W@x + b)) | W | outer(where(W @ x + b > 0, 1, 0), x)
sum(tanh(W@x + b)) | b | 1 - tanh(W @ x + b)**2
sum(sigmoid(W@x)) | x | W.T @ (sigmoid(W @ x)*(1 - sigmoid(W @ x)))
sum((Q@K.T)**2) | Q | 2*Q @ K.T @ K
trace(Q@K.T@K@Q.T) | Q | 2*Q @ K.T @ K
sum(outer(x, u)*A) | x | A @ u
sum(diag(x)@A) | x | A @ ones(n)
sum(x[:, None]*X) | x | X @ ones(m)
sum(X) | X | ones(n, m)
u@sin(A@x) | x | A.T @ (u*cos(A @ x))
x[0]*x[1] | x | x[0]*one_hot(1, n) + x[1]*one_hot(0, n)
sum(cumsum(x, 0)) | x | flip(cumsum(ones(n), 0), 0)
(x - u)@inverse(A)@(x - u) | x | (inverse(A) + inverse(A).T) @ (x - u)
"""

MORE_SHAPES = {**SHAPES, "mu": "n", "S": "n,n", "p": "n", "q": "n", "U": "n,k", "V": "k,m"}

MORE_SCALARS = """
a*x**2 + b*x + c | x | 2*a*x + b
(x**2 + 1)**3 | x | 6*x*(x**2 + 1)**2
x*sqrt(1 - x**2) | x | (1 - 2*x**2)/sqrt(1 - x**2)
x/sqrt(1 + x**2) | x | 1/(1 + x**2)**(3/2)
exp(-x)*cos(2*x) | x | -exp(-x)*(cos(2*x) + 2*sin(2*x))
log(x)/x | x | (1 - log(x))/x**2
atan(x/a) | x | a/(a**2 + x**2)
sin(x)**3 | x | 3*cos(x)*sin(x)**2
tan(x)**2 | x | 2*tan(x)*(tan(x)**2 + 1)
1/cos(x) | x | sin(x)/cos(x)**2
1/(1 + exp(-k*x)) | x | k*sigmoid(k*x)*sigmoid(-k*x)
exp(x)/x | x | exp(x)*(x - 1)/x**2
log(1 + x**2)/2 | x | x/(1 + x**2)
(1 - x)/(1 + x) | x | -2/(1 + x)**2
x**2/(x - 1) | x | x*(x - 2)/(x - 1)**2
sqrt(x + sqrt(x)) | x | (1 + 1/(2*sqrt(x)))/(2*sqrt(x + sqrt(x)))
exp(-(x - mu)**2/(2*s**2))/(s*sqrt(2*pi)) | x | -(x - mu)*exp(-(x - mu)**2/(2*s**2))/(s**3*sqrt(2*pi))
exp(-(x - mu)**2/(2*s**2)) | mu | (x - mu)*exp(-(x - mu)**2/(2*s**2))/s**2
a*log(x) - b*x | x | a/x - b
(a - 1)*log(x) + (b - 1)*log(1 - x) | x | (a - 1)/x - (b - 1)/(1 - x)
a*log(b) - lgamma(a) + (a - 1)*log(x) - b*x | a | log(b) - digamma(a) + log(x)
a*log(b) - lgamma(a) + (a - 1)*log(x) - b*x | b | a/b - x
-log(2*b) - abs(x - mu)/b | b | abs(x - mu)/b**2 - 1/b
log(l) - l*x | l | 1/l - x
log(1 + (x/s)**2) | x | 2*x/(s**2 + x**2)
0.5*log(2*pi*v) + (x - mu)**2/(2*v) | v | 1/(2*v) - (x - mu)**2/(2*v**2)
g*t**2/2 + v*t | t | g*t + v
h*c/(l*k*T) | T | -h*c/(l*k*T**2)
1/(exp(h*v/(k*T)) - 1) | T | h*v*exp(h*v/(k*T))/(k*T**2*(exp(h*v/(k*T)) - 1)**2)
D*(1 - exp(-a*(r - r0)))**2 | r | 2*D*a*exp(-a*(r - r0))*(1 - exp(-a*(r - r0)))
q/(4*pi*eps*r**2) | r | -q/(2*pi*eps*r**3)
eps*sigma*A*(T**4 - T0**4) | T | 4*eps*sigma*A*T**3
V*exp(-t/(R*C)) | t | -V*exp(-t/(R*C))/(R*C)
V*(1 - exp(-t/tau)) | tau | -V*t*exp(-t/tau)/tau**2
R1*R2/(R1 + R2) | R1 | R2**2/(R1 + R2)**2
L*omega - 1/(omega*C) | omega | L + 1/(omega**2*C)
sqrt(R**2 + (omega*L)**2) | L | omega**2*L/sqrt(R**2 + (omega*L)**2)
A*sin(k*x - w*t) | t | -A*w*cos(k*x - w*t)
m*v/sqrt(1 - v**2/c**2) | v | m/(1 - v**2/c**2)**(3/2)
k*T*log(p/p0) | p | k*T/p
n*R*T*log(V/V0) | V | n*R*T/V
r*N*(1 - N/K) - a*N/(1 + b*N) | N | r - 2*r*N/K - a/(1 + b*N)**2
x**n/(K**n + x**n) | x | n*K**n*x**(n - 1)/(K**n + x**n)**2
S*ndtr(d) - K*exp(-r*T)*ndtr(d - s) | S | ndtr(d)
(1 - eps)*u + eps*u**2/2 | u | 1 - eps + eps*u
where(abs(x) < d, x**2/2, d*(abs(x) - d/2)) | x | where(abs(x) < d, x, d*sign(x))
-y*log(sigmoid(z)) - (1 - y)*log(1 - sigmoid(z)) | z | sigmoid(z) - y
log(exp(a) + exp(b)) | a | sigmoid(a - b)
logaddexp(a, b) | a | sigmoid(a - b)
x*tanh(softplus(x)) | x | tanh(softplus(x)) + x*sigmoid(x)*(1 - tanh(softplus(x))**2)
relu(1 - y*z)**2 | z | -2*y*relu(1 - y*z)
exp(log(x)*a) | x | a*exp(log(x)*a)/x
"""

EXERCISES = """
atan((1+x)/(1-x)) | x | 1/(x**2 + 1)
atan((1-x)/(1+x)) | x | -1/(x**2 + 1)
atan((a+b*x)/(a-b*x)) | x | a*b/(a**2 + b**2*x**2)
atan(2*x/(1-x**2)) | x | 2/(x**2 + 1)
(x-1)**3*(x+2)**4 | x | (7*x + 2)*(x - 1)**2*(x + 2)**3
(exp(x)-exp(-x))/(exp(x)+exp(-x)) | x | 1 - tanh(x)**2
exp(x)/(1+exp(x)) | x | sigmoid(x)*sigmoid(-x)
1/(1+exp(-k*(x-x0))) | x | k*sigmoid(k*(x0 - x))*sigmoid(k*(x - x0))
x*sqrt(1-x**2)+asin(x) | x | 2*sqrt(1 - x**2)
log(x+sqrt(x**2+a**2)) | x | 1/sqrt(a**2 + x**2)
log(x+sqrt(x**2-a**2)) | x | 1/sqrt(x**2 - a**2)
log(x+sqrt(x**2+1)) | x | 1/sqrt(x**2 + 1)
sqrt((x-a)**2+(y-b)**2) | x | (x - a)/sqrt((x - a)**2 + (y - b)**2)
log((1+x)/(1-x)) | x | 2/(1 - x**2)
sqrt((1+x)/(1-x)) | x | 1/((1 - x)**2*sqrt((x + 1)/(1 - x)))
x**2*log(x)-x**2/2 | x | 2*x*log(x)
exp(a*x)*(a*sin(b*x)-b*cos(b*x))/(a**2+b**2) | x | exp(a*x)*sin(b*x)
asin(x)+acos(x) | x | 0
tan(x)/x | x | (tan(x)**2 + 1)/x - tan(x)/x**2
erf(x/sqrt(2))/2 | x | exp(-x**2/2)/sqrt(2*pi)
x*sqrt(x) | x | 3*sqrt(x)/2
sqrt(x)*(x+1) | x | (3*x + 1)/(2*sqrt(x))
x**3*log(x) | x | x**2*(3*log(x) + 1)
log(tan(x)) | x | 1/(sin(x)*cos(x))
asin(x)+sqrt(1-x**2) | x | (1 - x)/sqrt(1 - x**2)
x*asin(x)+sqrt(1-x**2) | x | asin(x)
x*acos(x)-sqrt(1-x**2) | x | acos(x)
x*atan(x)-log(1+x**2)/2 | x | atan(x)
x*acosh(x)-sqrt(x**2-1) | x | acosh(x)
x*atanh(x)+log(1-x**2)/2 | x | atanh(x)
log((x-1)/(x+1)) | x | 2/(x**2 - 1)
log((x-a)/(x+a))/(2*a) | x | 1/(x**2 - a**2)
atan(x/a)/a | x | 1/(a**2 + x**2)
log(sin(x)/cos(x)) | x | 1/(sin(x)*cos(x))
sin(x)/(1+cos(x)) | x | 1/(cos(x) + 1)
(1-cos(x))/sin(x) | x | (1 - cos(x))/sin(x)**2
(1-sin(x))/(1+sin(x)) | x | -2*cos(x)/(sin(x) + 1)**2
cos(x)/(1-sin(x)) | x | 1/(1 - sin(x))
tan(x)-x | x | tan(x)**2
(sin(x)+cos(x))**2 | x | 2*(cos(x)**2 - sin(x)**2)
(sin(x)-cos(x))/(sin(x)+cos(x)) | x | 2/(sin(x) + cos(x))**2
(x+1)/(x-1) | x | -2/(x - 1)**2
(x**2-1)/(x**2+1) | x | 4*x/(x**2 + 1)**2
(x**2+x+1)/(x**2-x+1) | x | 2*(1 - x**2)/(x**2 - x + 1)**2
x**2/(1+x**2) | x | 2*x/(x**2 + 1)**2
(1+x)**2/(1-x) | x | (x + 1)*(3 - x)/(1 - x)**2
x*(1-x)**3 | x | (1 - 4*x)*(1 - x)**2
x**2*(1-x)**3 | x | x*(2 - 5*x)*(1 - x)**2
(x**2+1)*atan(x) | x | 2*x*atan(x) + 1
(1+x**2)*atan(x)-x | x | 2*x*atan(x)
x/(sqrt(a**2-x**2)) | x | a**2/(a**2 - x**2)**(3/2)
sqrt(1-x**2)/x | x | -1/(x**2*sqrt(1 - x**2))
sqrt(x**2-a**2)/x | x | a**2/(x**2*sqrt(x**2 - a**2))
(exp(x)+exp(-x))/2 | x | (exp(x) - exp(-x))/2
log(exp(x)+exp(-x)) | x | tanh(x)
2/(exp(x)+exp(-x)) | x | -sinh(x)/cosh(x)**2
x/(exp(x)-1) | x | (exp(x)*(1 - x) - 1)/(exp(x) - 1)**2
log(1-exp(-x)) | x | 1/(exp(x) - 1)
exp(-x)*(x**2+2*x+2) | x | -x**2*exp(-x)
exp(x)*(x**2-2*x+2) | x | x**2*exp(x)
exp(x)*(sin(x)-cos(x))/2 | x | exp(x)*sin(x)
x*sin(x)+cos(x) | x | x*cos(x)
sin(x)-x*cos(x) | x | x*sin(x)
x**2*sin(x)+2*x*cos(x)-2*sin(x) | x | x**2*cos(x)
sin(x)-sin(x)**3/3 | x | cos(x)**3
cos(x)**3/3-cos(x) | x | sin(x)**3
x*log(x)**2-2*x*log(x)+2*x | x | log(x)**2
log(x)**2/2 | x | log(x)/x
log(sqrt(x)) | x | 1/(2*x)
log(x**2) | x | 2/x
log(x*sqrt(x)) | x | 3/(2*x)
log(sqrt((1-x)/(1+x))) | x | -1/(1 - x**2)
sqrt(x/(1-x)) | x | 1/(2*(1 - x)**2*sqrt(x/(1 - x)))
sqrt(a*x-x**2) | x | (a - 2*x)/(2*sqrt(a*x - x**2))
a**x | x | a**x*log(a)
1/(x-a)-1/(x+a) | x | 1/(x + a)**2 - 1/(x - a)**2
x/(x**2-1) | x | -(x**2 + 1)/(x**2 - 1)**2
x**3/(1+x**2) | x | x**2*(x**2 + 3)/(x**2 + 1)**2
(2*x-1)/(x**2+3) | x | 2*(3 + x - x**2)/(x**2 + 3)**2
sqrt(x**2+2*x+2) | x | (x + 1)/sqrt(x**2 + 2*x + 2)
x*(x+1)*(x+2) | x | 3*x**2 + 6*x + 2
(3*x-2)**5 | x | 15*(3*x - 2)**4
sin(3*x)**2 | x | 6*sin(3*x)*cos(3*x)
cos(x)**2*sin(x) | x | cos(x)**3 - 2*sin(x)**2*cos(x)
sin(x)**2*cos(x)**2 | x | 2*sin(x)*cos(x)*(cos(x)**2 - sin(x)**2)
exp(1/x)**3 | x | -3*exp(3/x)/x**2
exp(x/10)**4 | x | 2*exp(2*x/5)/5
exp(1/x)*exp(1/x) | x | -2*exp(2/x)/x**2
exp(-x)*sin(x) | x | exp(-x)*(cos(x) - sin(x))
exp(x**2)*x | x | exp(x**2)*(2*x**2 + 1)
x**2*exp(-x**2) | x | 2*x*exp(-x**2)*(1 - x**2)
x*exp(-x**2/2) | x | exp(-x**2/2)*(1 - x**2)
log(x + 1/x) | x | (x**2 - 1)/(x*(x**2 + 1))
log(x**2 - x + 1) | x | (2*x - 1)/(x**2 - x + 1)
exp(sqrt(x)) | x | exp(sqrt(x))/(2*sqrt(x))
sin(sqrt(x)) | x | cos(sqrt(x))/(2*sqrt(x))
sqrt(sin(x)) | x | cos(x)/(2*sqrt(sin(x)))
sqrt(x)*log(x) | x | (log(x) + 2)/(2*sqrt(x))
log(x)/x**2 | x | (1 - 2*log(x))/x**3
log(x)/sqrt(x) | x | (2 - log(x))/(2*x*sqrt(x))
1/log(x) | x | -1/(x*log(x)**2)
log(log(log(x))) | x | 1/(x*log(x)*log(log(x)))
exp(-1/x) | x | exp(-1/x)/x**2
x*exp(1/x) | x | exp(1/x)*(x - 1)/x
atan(1/x) | x | -1/(x**2 + 1)
atan(sqrt(x)) | x | 1/(2*sqrt(x)*(x + 1))
asin(sqrt(x)) | x | 1/(2*sqrt(x)*sqrt(1 - x))
atan(exp(x)) | x | exp(x)/(1 + exp(2*x))
atan(sinh(x)) | x | 1/cosh(x)
log(cosh(x)) | x | tanh(x)
log(sinh(x)) | x | cosh(x)/sinh(x)
x - tanh(x) | x | tanh(x)**2
1/cosh(x)**2 | x | -2*sinh(x)/cosh(x)**3
sinh(x)/x | x | (x*cosh(x) - sinh(x))/x**2
gamma(x) | x | gamma(x)*digamma(x)
lgamma(x) | x | digamma(x)
exp(-x**2/2)/sqrt(2*pi) | x | -x*exp(-x**2/2)/sqrt(2*pi)
ndtr((x - mu)/s) | mu | -exp(-(x - mu)**2/(2*s**2))/(s*sqrt(2*pi))
-log(1 + exp(-x)) | x | sigmoid(-x)
1/(1+exp((E - mu)/(k*T))) | E | -sigmoid((E - mu)/(k*T))*sigmoid((mu - E)/(k*T))/(k*T)
sqrt(2*G*M/r) | r | -sqrt(2*G*M/r)/(2*r)
2*pi*sqrt(l/g) | g | -pi*sqrt(l/g)/g
sqrt(T/mu) | mu | -sqrt(T/mu)/(2*mu)
1/(2*pi*sqrt(L*C)) | C | -L/(4*pi*(L*C)**(3/2))
q*v*B*sin(theta) | theta | B*q*v*cos(theta)
v**2*sin(2*a)/g | a | 2*v**2*cos(2*a)/g
x*tan(a) - g*x**2/(2*v**2*cos(a)**2) | x | tan(a) - g*x/(v**2*cos(a)**2)
m*g*l*(1 - cos(theta)) | theta | m*g*l*sin(theta)
I0*cos(theta)**2 | theta | -2*I0*cos(theta)*sin(theta)
f*c/(c - v) | v | c*f/(c - v)**2
1/(1/f - 1/u) | u | -1/(u**2*(1/f - 1/u)**2)
A*exp(-E/(R*T)) | T | A*E*exp(-E/(R*T))/(R*T**2)
E0 - R*T/(n*F)*log(Q) | Q | -R*T/(n*F*Q)
Vmax*S/(Km*(1 + I/Ki) + S) | S | Vmax*Km*(1 + I/Ki)/(Km*(1 + I/Ki) + S)**2
K*P/(1 + K*P) | P | K/(1 + K*P)**2
k*A*exp(-k*t) | k | A*exp(-k*t)*(1 - k*t)
P*exp(r*t) | r | P*t*exp(r*t)
A*K**a*L**(1 - a) | K | a*A*K**(a - 1)*L**(1 - a)
(a*x**r + b*y**r)**(1/r) | x | a*x**(r - 1)*(a*x**r + b*y**r)**(1/r - 1)
-n*log(s) - S/(2*s**2) | s | S/s**3 - n/s
n*log(a) + n*a*log(m) - (a + 1)*S | a | n/a + n*log(m) - S
-(n + 1)/2*log(1 + x**2/n) | x | -(n + 1)*x/(n + x**2)
log(2/(pi*(1 + x**2))) | x | -2*x/(1 + x**2)
1 - exp(-(x/l)**k) | x | k*(x/l)**(k - 1)*exp(-(x/l)**k)/l
p/(1 - (1 - p)*z) | z | p*(1 - p)/(1 - (1 - p)*z)**2
(x/y + y/x)/2 | x | (1/y - y/x**2)/2
x*y/(x + y) | x | y**2/(x + y)**2
(x - y)/(x + y) | x | 2*y/(x + y)**2
(x**2 - y**2)/(x**2 + y**2) | x | 4*x*y**2/(x**2 + y**2)**2
atan(y/x) | x | -y/(x**2 + y**2)
x*y/(x**2 + y**2) | x | y*(y**2 - x**2)/(x**2 + y**2)**2
log(sqrt(x**2 + y**2)) | x | x/(x**2 + y**2)
1/sqrt(x**2 + y**2 + z**2) | x | -x/(x**2 + y**2 + z**2)**(3/2)
"""

MORE_ARRAYS = """
sum((x - y)**2)/n | x | 2*(x - y)/n
sum(abs(x - y)) | x | sign(x - y)
sum(sqrt((x - y)**2 + 1)) | x | (x - y)/sqrt((x - y)**2 + 1)
sum(log(cosh(x - y))) | x | tanh(x - y)
sum(p*log(p/q)) | p | log(p/q) + 1
sum(p*(log(p) - log(q))) | q | -p/q
-sum(p*log(p)) | p | -log(p) - 1
-sum(y*log(x)) | x | -y/x
-(x - mu)@S@(x - mu)/2 | mu | (S + S.T) @ (x - mu)/2
logdet(S)/2 - (x - mu)@S@(x - mu)/2 | S | inverse(S).T/2 - outer(x - mu, x - mu)/2
logdet(S) + (x - mu)@inverse(S)@(x - mu) | mu | (inverse(S) + inverse(S).T) @ (mu - x)
trace(A@B@A.T) | A | A @ B.T + A @ B
trace(A@B@A.T) | B | A.T @ A
trace(X.T@X) | X | 2*X
trace(X@X.T@A) | X | (A + A.T) @ X
trace(A@inverse(B)) | B | -(inverse(B) @ A @ inverse(B)).T
norm(A - B)**2 | A | 2*(A - B)
norm(A - X@X.T)**2 | A | 2*(A - X @ X.T)
norm(X - U@V)**2 | U | 2*(U @ V - X) @ V.T
norm(X - U@V)**2 | V | 2*U.T @ (U @ V - X)
x@A@x/(x@x) | x | ((A + A.T) @ x - 2*x*(x @ A @ x)/(x @ x))/(x @ x)
u@x/(norm(u)*norm(x)) | x | (u - x*(u @ x)/norm(x)**2)/(norm(u)*norm(x))
exp(-norm(x - y)**2/(2*h**2)) | x | (y - x)*exp(-norm(x - y)**2/(2*h**2))/h**2
sum(exp(-x**2/2)) | x | -x*exp(-x**2/2)
log(sum(exp(A@x))) | x | A.T @ softmax(A @ x)
sum(log(1 + exp(A@x))) | x | A.T @ sigmoid(A @ x)
sum(relu(A@x)) | x | A.T @ where(A @ x > 0, 1.0, 0.0)
sum(tanh(A@x)**2) | x | 2*A.T @ (tanh(A @ x)*(1 - tanh(A @ x)**2))
y@(A@x)**2 | x | 2*A.T @ (y*(A @ x))
sum((A@x)*(B@x)) | x | A.T @ B @ x + B.T @ A @ x
sum((A*B)@x) | A | B*x
sum(outer(x, y)**2) | x | 2*x*(y @ y)
sum(x)**2 | x | 2*sum(x)*ones(n)
mean(x)**2 | x | 2*mean(x)*ones(n)/n
sum(x*y)/sum(x) | x | (y - x @ y/sum(x))/sum(x)
var(x) + mean(x)**2 | x | 2*(x - mean(x))/(n - 1) + 2*mean(x)*ones(n)/n
sum(softmax(x)*u) | x | softmax(x)*(u - softmax(x) @ u)
logsumexp(x - y, 0) | y | -softmax(x - y)
-u@log_softmax(A@x) | x | A.T @ (sum(u)*softmax(A @ x) - u)
logdet(X.T@X) | X | 2*X @ inverse(X.T @ X)
logdet(A@A.T) | A | 2*inverse(A @ A.T) @ A
det(A)**2 | A | 2*det(A)**2*inverse(A).T
log(det(A)**2) | A | 2*inverse(A).T
trace(linalg.solve(A, B)) | B | inverse(A).T
u@linalg.solve(A, v) | A | -outer(linalg.solve(A.T, u), linalg.solve(A, v))
trace(A@A@A) | A | 3*A.T @ A.T
trace(diag(x)@A) | x | diagonal(A)
x@diag(u)@x | x | 2*u*x
sum(diagonal(A)**2) | A | 2*diag(diagonal(A))
sum((X - mean(X, 0))**2) | X | 2*(X - mean(X, 0))
sum(where(x > 0, x**2, 0)) | x | 2*where(x > 0, x, 0)
sum((x[1:] - x[:-1])**2) | x | 2*(pad(x[1:] - x[:-1], (1, 0)) - pad(x[1:] - x[:-1], (0, 1)))
prod(x) | x | prod(x)/x
sum(log(A@x)) | x | A.T @ (1/(A @ x))
x@log(x) - sum(x) | x | log(x)
norm(x)**4 | x | 4*norm(x)**2*x
1/norm(x) | x | -x/norm(x)**3
log(norm(x)) | x | x/norm(x)**2
norm(x)**3/3 | x | norm(x)*x
sum(sigmoid(x)) | x | sigmoid(x)*(1 - sigmoid(x))
sum((sigmoid(X@w) - y)**2) | w | 2*X.T @ ((sigmoid(X @ w) - y)*sigmoid(X @ w)*(1 - sigmoid(X @ w)))
sum(exp(X@w) - y*(X@w)) | w | X.T @ (exp(X @ w) - y)
sum(relu(1 - y*(X@w))) | w | -X.T @ (y*where(y*(X @ w) < 1, 1.0, 0.0))
"""


def _entries(text: str, shapes: dict[str, str]) -> list[Entry]:
    found = []
    for line in text.strip().splitlines():
        program, wrt, textbook, *mark = [part.strip() for part in line.split(" | ")]
        found.append(Entry(program, shapes, wrt, textbook, mark == ["longer"]))
    return found


def _with_shapes(text: str) -> list[Entry]:
    """Entries of lines that say the shapes of their names after the program."""
    found = []
    for line in text.strip().splitlines():
        program, shapes, *rest = line.split(" | ")
        given = dict(each.split("=") for each in shapes.split())
        found += _entries(" | ".join([program, *rest]), given)
    return found


SCALAR_ENTRIES = [
    *_entries(SCALARS, {})[1:],
    *_entries(MORE_SCALARS, {}),
    *_entries(EXERCISES, {}),
    *_entries(textbooks.SCALARS, {}),
    *_entries(papers.SCALARS, {}),
    *_entries(fields.SCALARS, {}),
    *_entries(sciences.SCALARS, {}),
    *_entries(handbooks.SCALARS, {}),
    *_entries(lectures.SCALARS, {}),
]
ARRAY_ENTRIES = [
    *_entries(ARRAYS, SHAPES),
    *_entries(MORE_ARRAYS, MORE_SHAPES),
    *_entries(textbooks.ARRAYS, MORE_SHAPES),
    *_entries(papers.ARRAYS, {**MORE_SHAPES, **papers.SHAPES}),
    *_entries(fields.ARRAYS, {**MORE_SHAPES, **papers.SHAPES}),
    *_entries(sciences.ARRAYS, {**MORE_SHAPES, **sciences.SHAPES}),
    *_with_shapes(handbooks.ARRAYS),
    *_with_shapes(lectures.ARRAYS),
]
CATALOGUE = [*SCALAR_ENTRIES, *ARRAY_ENTRIES]
