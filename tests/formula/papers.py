"""Derivatives of exercises, physics, statistics and learning, in lines as those of `catalogue`."""

SHAPES = {"D": "m,m", "E": "n,n", "M": "n,m", "Y": "n,k", "H": "m,k", "r": "k"}
"""Of names that no other part of the catalogue has."""

SCALARS = """
sin(sin(sin(x))) | x | cos(x)*cos(sin(x))*cos(sin(sin(x)))
exp(exp(x)) | x | exp(x)*exp(exp(x))
sqrt(1 + sqrt(1 + x)) | x | 1/(4*sqrt(x + 1)*sqrt(1 + sqrt(x + 1)))
log(tan(x) + 1/cos(x)) | x | 1/cos(x)
log(1/sin(x) - 1/tan(x)) | x | 1/sin(x)
atan((a + x)/(1 - a*x)) | x | 1/(1 + x**2)
acos(x)/x | x | -1/(x*sqrt(1 - x**2)) - acos(x)/x**2
x**2*log(x) | x | x*(2*log(x) + 1)
log(log(x)**2) | x | 2/(x*log(x))
sin(log(x)) | x | cos(log(x))/x
tan(sqrt(x)) | x | 1/(2*sqrt(x)*cos(sqrt(x))**2)
sinh(log(x)) | x | cosh(log(x))/x
tanh(x/2) | x | (1 - tanh(x/2)**2)/2
2*atan(tanh(x/2)) | x | 1/cosh(x)
tan(x)/(1 + tan(x)) | x | 1/(sin(x) + cos(x))**2
log(atan(x)) | x | 1/(atan(x)*(1 + x**2))
atan(log(x)) | x | 1/(x*(1 + log(x)**2))
sqrt(log(x)) | x | 1/(2*x*sqrt(log(x)))
exp(atan(x)) | x | exp(atan(x))/(1 + x**2)
cos(x**3)**2 | x | -3*x**2*sin(2*x**3)
tan(x)**3 | x | 3*tan(x)**2*(1 + tan(x)**2)
log(1 + sin(x)) | x | cos(x)/(1 + sin(x))
(1 - cos(x))/(1 + cos(x)) | x | 2*sin(x)/(1 + cos(x))**2
x*cos(x) - sin(x) | x | -x*sin(x)
x**3*log(x)/3 - x**3/9 | x | x**2*log(x)
(x**2 - 2*x + 2)*exp(x) | x | x**2*exp(x)
x*erf(x) + exp(-x**2)/sqrt(pi) | x | erf(x)
log(x + sqrt(x**2 - 1)) | x | 1/sqrt(x**2 - 1)
log((a + x)/(a - x))/(2*a) | x | 1/(a**2 - x**2)
x/(a**2*sqrt(a**2 + x**2)) | x | 1/(a**2 + x**2)**(3/2)
sqrt(a**2 + x**2)/x | x | -a**2/(x**2*sqrt(a**2 + x**2))
x*sqrt(a + b*x) | x | (2*a + 3*b*x)/(2*sqrt(a + b*x))
((x - 1)/(x + 1))**3 | x | 6*(x - 1)**2/(x + 1)**4
(1 + 1/x)**x | x | (1 + 1/x)**x*(log(1 + 1/x) - 1/(x + 1))
x**(x**2) | x | x**(x**2 + 1)*(2*log(x) + 1)
asin(sqrt(1 - x**2)) | x | -x/(sqrt(x**2)*sqrt(1 - x**2))
cosh(x)**2 | x | sinh(2*x)
sinh(x)**3 | x | 3*cosh(x)*sinh(x)**2
log(tanh(x)) | x | 2/sinh(2*x)
atanh(sin(x)) | x | 1/cos(x)
exp(x)/(1 + x) | x | x*exp(x)/(1 + x)**2
exp(x)/(1 + exp(x))**2 | x | exp(x)*(1 - exp(x))/(1 + exp(x))**3
x**5*exp(-x) | x | x**4*(5 - x)*exp(-x)
h*c/l**5/(exp(h*c/(l*k*T)) - 1) | T | h**2*c**2*exp(h*c/(l*k*T))/(k*T**2*l**6*(exp(h*c/(l*k*T)) - 1)**2)
A/r**12 - B/r**6 | r | 6*B/r**7 - 12*A/r**13
D*(exp(-2*a*x) - 2*exp(-a*x)) | x | 2*D*a*(exp(-a*x) - exp(-2*a*x))
A*exp(-B*r) - C/r**6 | r | 6*C/r**7 - A*B*exp(-B*r)
-g**2*exp(-m*r)/r | r | g**2*exp(-m*r)*(1 + m*r)/r**2
R*T/(V - b) - a/(sqrt(T)*V*(V + b)) | T | R/(V - b) + a/(2*T**(3/2)*V*(V + b))
log(A) - E/(R*T) | T | E/(R*T**2)
V*S/(K + S) | K | -V*S/(K + S)**2
V*S/(K + S + S**2/J) | S | V*(K - S**2/J)/(K + S + S**2/J)**2
x**n/(K**n + x**n) | K | -n*x**n*K**(n - 1)/(K**n + x**n)**2
K/(1 + (K - N)/N*exp(-r*t)) | t | r*K*(K - N)*exp(-r*t)/(N*(1 + (K - N)*exp(-r*t)/N)**2)
A*exp(-b*exp(-c*t)) | t | A*b*c*exp(-c*t)*exp(-b*exp(-c*t))
r*N*log(K/N) | N | r*(log(K/N) - 1)
L*(1 - exp(-k*(t - t0))) | t | L*k*exp(-k*(t - t0))
m*c**2*(1/sqrt(1 - v**2/c**2) - 1) | v | m*v/(1 - v**2/c**2)**(3/2)
sqrt(p**2*c**2 + m**2*c**4) | p | p*c**2/sqrt(p**2*c**2 + m**2*c**4)
f*u/(u - f) | u | -f**2/(u - f)**2
E - e*sin(E) | E | 1 - e*cos(E)
a*(1 - q**2)/(1 + q*cos(theta)) | theta | a*q*(1 - q**2)*sin(theta)/(1 + q*cos(theta))**2
2*pi*sqrt(a**3/(G*M)) | a | 3*pi*sqrt(a**3/(G*M))/a
L**2/(2*m*r**2) - G*M*m/r | r | G*M*m/r**2 - L**2/(m*r**3)
asin(n1*sin(t)/n2) | t | n1*cos(t)/(n2*sqrt(1 - n1**2*sin(t)**2/n2**2))
f*sqrt((1 + b)/(1 - b)) | b | f*sqrt((1 + b)/(1 - b))/(1 - b**2)
v*tanh(g*t/v) | t | g*(1 - tanh(g*t/v)**2)
a*cosh(x/a) | x | sinh(x/a)
V/sqrt(R**2 + (w*L - 1/(w*C))**2) | R | -V*R/(R**2 + (w*L - 1/(w*C))**2)**(3/2)
F/sqrt((w0**2 - w**2)**2 + (g*w)**2) | g | -F*g*w**2/((w0**2 - w**2)**2 + (g*w)**2)**(3/2)
J*(exp(q*V/(n*k*T)) - 1) | V | J*q*exp(q*V/(n*k*T))/(n*k*T)
1/tanh(x) - 1/x | x | 1/x**2 - 1/sinh(x)**2
E/(exp(E/(k*T)) - 1) | T | E**2*exp(E/(k*T))/(k*T**2*(exp(E/(k*T)) - 1)**2)
log(1 + exp(-E/(k*T))) | T | E/(k*T**2*(exp(E/(k*T)) + 1))
v**2*exp(-m*v**2/(2*k*T)) | v | v*(2 - m*v**2/(k*T))*exp(-m*v**2/(2*k*T))
10**(A - B/(C + T)) | T | B*log(10)*10**(A - B/(C + T))/(C + T)**2
(log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)) | S | 1/(S*s*sqrt(t))
R*T/F*log((a + b)/(c + d)) | a | R*T/(F*(a + b))
pi*r**4*P/(8*m*L) | r | pi*r**3*P/(2*m*L)
P*exp(-L/R*(1/T - 1/T0)) | T | P*L*exp(-L/R*(1/T - 1/T0))/(R*T**2)
log(k/l) + (k - 1)*log(x/l) - (x/l)**k | l | k*((x/l)**k - 1)/l
log(k/l) + (k - 1)*log(x/l) - (x/l)**k | k | 1/k + log(x/l) - (x/l)**k*log(x/l)
log(a) + a*log(m) - (a + 1)*log(x) | a | 1/a + log(m) - log(x)
-log(x*s*sqrt(2*pi)) - (log(x) - mu)**2/(2*s**2) | mu | (log(x) - mu)/s**2
-log(x*s*sqrt(2*pi)) - (log(x) - mu)**2/(2*s**2) | s | (log(x) - mu)**2/s**3 - 1/s
-log(x*s*sqrt(2*pi)) - (log(x) - mu)**2/(2*s**2) | x | -(1 + (log(x) - mu)/s**2)/x
(a - 1)*log(x) + (b - 1)*log(1 - x) - lgamma(a) + lgamma(a + b) | a | log(x) - digamma(a) + digamma(a + b)
lgamma((v + 1)/2) - lgamma(v/2) - log(v*pi)/2 - (v + 1)/2*log(1 + x**2/v) | x | -(v + 1)*x/(v + x**2)
-log(pi*g*(1 + ((x - m)/g)**2)) | m | 2*(x - m)/(g**2 + (x - m)**2)
-log(pi*g*(1 + ((x - m)/g)**2)) | g | ((x - m)**2 - g**2)/(g*(g**2 + (x - m)**2))
-(x - m)/s - log(s) - 2*log(1 + exp(-(x - m)/s)) | x | -tanh((x - m)/(2*s))/s
log(x) - 2*log(s) - x**2/(2*s**2) | s | x**2/s**3 - 2/s
(k - 1)*log(1 - p) + log(p) | p | 1/p - (k - 1)/(1 - p)
lgamma(k + r) - lgamma(k + 1) - lgamma(r) + r*log(p) + k*log(1 - p) | r | digamma(k + r) - digamma(r) + log(p)
a*log(b) - lgamma(a) - (a + 1)*log(x) - b/x | x | b/x**2 - (a + 1)/x
-(x - m)/b - exp(-(x - m)/b) - log(b) | x | (exp(-(x - m)/b) - 1)/b
log(l/(2*pi*x**3))/2 - l*(x - m)**2/(2*m**2*x) | m | l*(x - m)/m**3
k*cos(x - m) | m | k*sin(x - m)
(k/2 - 1)*log(x) - x/2 - k/2*log(2) - lgamma(k/2) | k | (log(x) - log(2) - digamma(k/2))/2
exp(-(x - m)**2/(2*s**2))/(s*sqrt(2*pi)) | s | ((x - m)**2 - s**2)*exp(-(x - m)**2/(2*s**2))/(s**4*sqrt(2*pi))
1 - (1 - x**a)**b | x | a*b*x**(a - 1)*(1 - x**a)**(b - 1)
log(s2/s1) + (s1**2 + (m1 - m2)**2)/(2*s2**2) - 1/2 | s1 | s1/s2**2 - 1/s1
log(s2/s1) + (s1**2 + (m1 - m2)**2)/(2*s2**2) - 1/2 | s2 | 1/s2 - (s1**2 + (m1 - m2)**2)/s2**3
-(1 + lv - m**2 - exp(lv))/2 | lv | (exp(lv) - 1)/2
p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) | q | (q - p)/(q*(1 - q))
p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) | p | log(p/q) - log((1 - p)/(1 - q))
(x**l - 1)/l | x | x**(l - 1)
(x**l - 1)/l | l | (l*x**l*log(x) - x**l + 1)/l**2
-(1 - p)**g*log(p) | p | g*(1 - p)**(g - 1)*log(p) - (1 - p)**g/p
x*ndtr(x) | x | ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi)
where(x > 0, x, a*(exp(x) - 1)) | x | where(x > 0, 1, a*exp(x))
x*sigmoid(b*x) | b | x**2*sigmoid(b*x)*(1 - sigmoid(b*x))
x/(1 + abs(x)) | x | 1/(1 + abs(x))**2
sqrt((x - y)**2 + eps**2) | x | (x - y)/sqrt((x - y)**2 + eps**2)
d**2*(sqrt(1 + (x/d)**2) - 1) | x | x/sqrt(1 + (x/d)**2)
where(abs(x) < c, c**2/6*(1 - (1 - (x/c)**2)**3), c**2/6) | x | where(abs(x) < c, x*(1 - (x/c)**2)**2, 0)
relu(1 - y*z) | z | -y*where(y*z < 1, 1, 0)
(c**(1 - g) - 1)/(1 - g) | c | c**(-g)
F/(1 + y)**n | y | -n*F/(1 + y)**(n + 1)
a*x**2/(1 + b*x**2) | x | 2*a*x/(1 + b*x**2)**2
a*N*exp(-b*N) | N | a*(1 - b*N)*exp(-b*N)
C*(1 - (1 + r)**(-n))/r | r | C*(n*(1 + r)**(-n - 1)/r - (1 - (1 + r)**(-n))/r**2)
sin(x)/(sin(x) + cos(x)) | x | 1/(sin(x) + cos(x))**2
log(sqrt((1 + sin(x))/(1 - sin(x)))) | x | 1/cos(x)
acos(1/x) | x | 1/(x**2*sqrt(1 - 1/x**2))
x*atan(1/x) | x | atan(1/x) - x/(1 + x**2)
exp(-x)*log(x) | x | exp(-x)*(1/x - log(x))
sqrt(tan(x)) | x | (1 + tan(x)**2)/(2*sqrt(tan(x)))
atan(exp(x)) - atan(exp(-x)) | x | 2*exp(x)/(1 + exp(2*x))
log(1 + cos(x)) | x | -sin(x)/(1 + cos(x))
log(x)/(1 + log(x)) | x | 1/(x*(1 + log(x))**2)
(log(x))**x | x | log(x)**x*(log(log(x)) + 1/log(x))
x**3/(1 + x**2)**2 | x | x**2*(3 - x**2)/(1 + x**2)**3
(1 + sqrt(x))/(1 - sqrt(x)) | x | 1/(sqrt(x)*(1 - sqrt(x))**2)
cosh(x)/(1 + sinh(x)) | x | (sinh(x) - 1)/(1 + sinh(x))**2
exp(x**2)*erf(x) | x | 2*x*exp(x**2)*erf(x) + 2/sqrt(pi)
sqrt(1 + 1/x**2) | x | -1/(x**3*sqrt(1 + 1/x**2))
x/sqrt(x**2 - 1) | x | -1/(x**2 - 1)**(3/2)
c**2*(1 - 1/sqrt(1 + (p/(m*c))**2)) | p | p/(m**2*(1 + (p/(m*c))**2)**(3/2))
eps*((s/r)**9 - (s/r)**6) | s | eps*(9*(s/r)**9 - 6*(s/r)**6)/s
(P + a*n**2/V**2)*(V - n*b) | V | P - a*n**2/V**2 + 2*a*b*n**3/V**3
8*T/(3*v - 1) - 3/v**2 | v | 6/v**3 - 24*T/(3*v - 1)**2
k*T*log(1 + exp(-E/(k*T))) | E | -1/(1 + exp(E/(k*T)))
sqrt(g/k*tanh(k*h)) | h | g*(1 - tanh(k*h)**2)/(2*sqrt(g/k*tanh(k*h)))
q*z/(z**2 + R**2)**(3/2) | z | q*(R**2 - 2*z**2)/(z**2 + R**2)**(5/2)
sin(N*d/2)**2/sin(d/2)**2 | N | d*sin(N*d)/(2*sin(d/2)**2)
1/sqrt((1 - r**2)**2 + (2*z*r)**2) | z | -4*r**2*z/((1 - r**2)**2 + (2*z*r)**2)**(3/2)
V0*exp(-t/tau)*cos(w*t) | t | -V0*exp(-t/tau)*(cos(w*t)/tau + w*sin(w*t))
mu0*J*R**2/(2*(R**2 + x**2)**(3/2)) | x | -3*mu0*J*R**2*x/(2*(R**2 + x**2)**(5/2))
a*(1 - exp(-b*x))**c | x | a*b*c*exp(-b*x)*(1 - exp(-b*x))**(c - 1)
Vm*S**n/(K + S**n) | S | Vm*K*n*S**(n - 1)/(K + S**n)**2
b*S*J/N - g*J | J | b*S/N - g
-n/2*log(2*pi*v) - S/(2*v) | v | S/(2*v**2) - n/(2*v)
log(a) + log(b) + (a - 1)*log(x) + (b - 1)*log(1 - x**a) | b | 1/b + log(1 - x**a)
log(b) + b*log(a) - (b + 1)*log(x) - 2*log(1 + (a/x)**b) | x | (2*b*(a/x)**b/(1 + (a/x)**b) - b - 1)/x
-log(s) - log(2) - log(cosh((x - m)/s)) | m | tanh((x - m)/s)/s
x/s**2*exp(-x**2/(2*s**2)) | x | (s**2 - x**2)*exp(-x**2/(2*s**2))/s**4
exp(l*(exp(t) - 1)) | t | l*exp(t)*exp(l*(exp(t) - 1))
(1 - t/b)**(-a) | t | a*(1 - t/b)**(-a - 1)/b
exp(m*t + s**2*t**2/2) | t | (m + s**2*t)*exp(m*t + s**2*t**2/2)
log(1 - p + p*exp(t)) | t | p*exp(t)/(1 - p + p*exp(t))
y*log(ndtr(z)) | z | y*exp(-z**2/2)/(sqrt(2*pi)*ndtr(z))
exp(-d/h)*(1 + d/h) | d | -d*exp(-d/h)/h**2
s**2*(1 + d**2/(2*a*h**2))**(-a) | d | -s**2*d*(1 + d**2/(2*a*h**2))**(-a - 1)/h**2
x*sin(1/x) | x | sin(1/x) - cos(1/x)/x
exp(cos(x)**2) | x | -sin(2*x)*exp(cos(x)**2)
sqrt(x)*exp(-x) | x | exp(-x)*(1 - 2*x)/(2*sqrt(x))
log(x**2 + sqrt(x)) | x | (2*x + 1/(2*sqrt(x)))/(x**2 + sqrt(x))
(1 + x)/(1 + x**2) | x | (1 - 2*x - x**2)/(1 + x**2)**2
cos(x)/(1 + cos(x)) | x | -sin(x)/(1 + cos(x))**2
exp(x)/(exp(x) + exp(-x)) | x | 2/(exp(x) + exp(-x))**2
asin(x)/sqrt(1 - x**2) | x | 1/(1 - x**2) + x*asin(x)/(1 - x**2)**(3/2)
atan(sqrt(x - 1)) | x | 1/(2*x*sqrt(x - 1))
log(sinh(x) + cosh(x)) | x | 1
x**2*exp(1/x) | x | exp(1/x)*(2*x - 1)
2**(x**2) | x | 2*x*2**(x**2)*log(2)
sqrt(1 - sqrt(x)) | x | -1/(4*sqrt(x)*sqrt(1 - sqrt(x)))
tanh(x)/(1 + tanh(x)) | x | exp(-2*x)
acos(sqrt(x)) | x | -1/(2*sqrt(x)*sqrt(1 - x))
x*log(1 + 1/x) | x | log(1 + 1/x) - 1/(x + 1)
exp(-x)/(1 + exp(-x))**2 | x | -exp(-x)*(1 - exp(-x))/(1 + exp(-x))**3
log(cos(x)) + x*tan(x) | x | x/cos(x)**2
m*v**2/(2*sqrt(1 - v**2/c**2)) | v | m*v*(2 - v**2/c**2)/(2*(1 - v**2/c**2)**(3/2))
G*M*m*r/(r**2 + a**2)**(3/2) | r | G*M*m*(a**2 - 2*r**2)/(r**2 + a**2)**(5/2)
V*R/sqrt(R**2 + (w*L)**2) | w | -V*R*L**2*w/(R**2 + (w*L)**2)**(3/2)
1/sqrt(1 + (w*R*C)**2) | w | -w*(R*C)**2/(1 + (w*R*C)**2)**(3/2)
n*q*v*A | v | n*q*A
k*T*log(V/(N*L**3)) | L | -3*k*T/L
exp(-E/(k*T))/(1 + exp(-E/(k*T))) | E | -exp(-E/(k*T))/(k*T*(1 + exp(-E/(k*T)))**2)
mu*B*tanh(mu*B/(k*T)) | B | mu*tanh(mu*B/(k*T)) + mu**2*B*(1 - tanh(mu*B/(k*T))**2)/(k*T)
A*T**2*exp(-W/(k*T)) | T | A*(2*T + W/k)*exp(-W/(k*T))
rho*g*h + rho*v**2/2 | v | rho*v
c*(1 - exp(-k*t)*(1 + k*t)) | t | c*k**2*t*exp(-k*t)
D*k/(k - e)*(exp(-e*t) - exp(-k*t)) | t | D*k*(k*exp(-k*t) - e*exp(-e*t))/(k - e)
S**2/(K**2 + S**2) | K | -2*K*S**2/(K**2 + S**2)**2
a*x*exp(-(x/b)**2) | x | a*(1 - 2*(x/b)**2)*exp(-(x/b)**2)
N*r*(1 - (N/K)**q) | N | r*(1 - (q + 1)*(N/K)**q)
log(w*exp(-x) + (1 - w)*exp(-2*x)) | w | (exp(-x) - exp(-2*x))/(w*exp(-x) + (1 - w)*exp(-2*x))
k*log(x) - x/b - k*log(b) - lgamma(k) | b | (x/b - k)/b
lgamma(x + n) - lgamma(x) - lgamma(n) + n*log(p) | n | digamma(x + n) - digamma(n) + log(p)
(1 - q)*log(1 - p) + q*log(p) | p | q/p - (1 - q)/(1 - p)
h/2*log(t) - t*(x - m)**2/2 | t | h/(2*t) - (x - m)**2/2
exp(-r*T)*K*ndtr(-d) | T | -r*K*exp(-r*T)*ndtr(-d)
x**2/2*atan(x) + atan(x)/2 - x/2 | x | x*atan(x)
(x**2/2 + 1/4)*asinh(x) - x*sqrt(1 + x**2)/4 | x | x*asinh(x)
"""

ARRAYS = """
sum((A@x - u)**2)/2 + lam*sum(abs(x)) | x | A.T @ (A@x - u) + lam*sign(x)
y@(X@w) - sum(exp(X@w)) | w | X.T @ (y - exp(X@w))
u@log(A@x) | x | A.T @ (u/(A@x))
sum(sqrt(x**2 + c)) | x | x/sqrt(x**2 + c)
trace((A@X - C.T).T@B@(A@X - C.T)) | X | A.T @ (B + B.T) @ (A@X - C.T)
logdet(A) - trace(S@A) | A | inverse(A).T - S.T
mean((softmax(X@w) - y)**2) | y | 2*(y - softmax(X@w))/n
x@x*(u@u) | x | 2*x*(u@u)
norm(x)*norm(u) | x | x*norm(u)/norm(x)
sum(outer(x, x)*A) | x | (A + A.T) @ x
sum(sigmoid(A@x + u)) | A | outer(sigmoid(A@x + u)*(1 - sigmoid(A@x + u)), x)
log(det(X.T@X)) | X | 2*X @ inverse(X.T@X)
1/(1 + norm(x)**2) | x | -2*x/(1 + norm(x)**2)**2
exp(u@x)/(1 + exp(u@x)) | x | sigmoid(u@x)*(1 - sigmoid(u@x))*u
sum(log(1 + exp(x)) - u*x) | x | sigmoid(x) - u
trace(X@X.T@X@X.T) | X | 4*X @ X.T @ X
mean(x*u)/sqrt(mean(x**2)) | x | (u - x*mean(u*x)/mean(x**2))/(n*sqrt(mean(x**2)))
sum(cos(A@x)) | x | -A.T @ sin(A@x)
sum(log(softmax(x))) | x | 1 - n*softmax(x)
u@relu(A@x) | A | outer(u*where(A @ x > 0, 1.0, 0.0), x)
norm(outer(x, u) - A)**2 | x | 2*(outer(x, u) - A) @ u
trace(inverse(X.T@X)) | X | -2*X @ inverse(X.T @ X) @ inverse(X.T @ X)
log(u@exp(x)) | x | u*exp(x)/(u @ exp(x))
(X@w - y)@(X@w - y)/(2*s**2) + n*log(s) | s | n/s - (X@w - y)@(X@w - y)/s**3
mean(log(1 + exp(-y*(X@w)))) | w | -X.T @ (y*sigmoid(-y*(X @ w)))/n
sum((X@D@X.T - A)**2) | D | 2*X.T @ (X @ D @ X.T - A) @ X
sum(exp(-(x - mu)**2/(2*h**2))) | mu | (x - mu)*exp(-(x - mu)**2/(2*h**2))/h**2
det(A.T@A) | A | 2*det(A.T @ A)*inverse(A).T
u@inverse(A + lam*eye(n))@u | lam | -u @ inverse(A + lam*eye(n)) @ inverse(A + lam*eye(n)) @ u
sum(sqrt(sum(X**2, 1))) | X | X/sqrt(sum(X**2, 1))[:, None]
-sum(p*log(softmax(x))) | x | sum(p)*softmax(x) - p
x@A@x/(x@B@x) | x | ((A + A.T)@x - (B + B.T)@x*(x@A@x)/(x@B@x))/(x@B@x)
sum(tanh(x*u)*v) | x | u*v*(1 - tanh(x*u)**2)
(X@w - y)@(u*(X@w - y)) | w | 2*X.T @ (u*(X @ w - y))
(y - X@w)@A@(y - X@w) | w | X.T @ (A + A.T) @ (X @ w - y)
trace(X.T@A@X@D) | X | A @ X @ D + A.T @ X @ D.T
trace(B@inverse(A)@E) | A | -(inverse(A) @ E @ B @ inverse(A)).T
det(A@B) | A | det(A @ B)*inverse(A).T
log(abs(det(A))) | A | inverse(A).T
u@A.T@A@v | A | A @ (outer(u, v) + outer(v, u))
(A@x - u)@(B@x - v) | x | A.T @ (B @ x - v) + B.T @ (A @ x - u)
norm(X) | X | X/norm(X)
norm(A@X - C.T)**2 | X | 2*A.T @ (A @ X - C.T)
norm(X - X@D)**2 | D | 2*X.T @ (X @ D - X)
sqrt(trace(X.T@X)) | X | X/sqrt(trace(X.T @ X))
sqrt((x - mu)@S@(x - mu)) | mu | (S + S.T) @ (mu - x)/(2*sqrt((x - mu) @ S @ (x - mu)))
u@softmax(x/T) | x | softmax(x/T)*(u - u @ softmax(x/T))/T
-sum(y*log_softmax(x/T)) | x | (sum(y)*softmax(x/T) - y)/T
T*logsumexp(x/T, 0) | x | softmax(x/T)
-softmax(x)@log_softmax(x) | x | softmax(x)*(softmax(x) @ log_softmax(x) - log_softmax(x))
-log(sigmoid(u@v)) - sum(log(sigmoid(-W@v))) | v | W.T @ sigmoid(W @ v) - u*sigmoid(-u @ v)
-u@v + log(sum(exp(W@v))) | v | W.T @ softmax(W @ v) - u
(X@w)[0] - log(sum(exp(X@w))) | w | X[0] - X.T @ softmax(X @ w)
u@x/sqrt(mean(x**2) + eps) | x | (u - x*(u @ x)/(n*(mean(x**2) + eps)))/sqrt(mean(x**2) + eps)
sum(x*ndtr(x)) | x | ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi)
sum(x*sigmoid(x)) | x | sigmoid(x)*(1 + x*(1 - sigmoid(x)))
relu(norm(x - u)**2 - norm(x - v)**2 + c) | x | where(norm(x - u)**2 - norm(x - v)**2 + c > 0, 2*(v - u), 0)
sum(norm(X, dim=1)) | X | X/norm(X, dim=1)[:, None]
lam*sum(abs(x)) + c*sum(x**2)/2 | x | lam*sign(x) + c*x
x[1:]@x[:-1] | x | pad(x[:-1], (1, 0)) + pad(x[1:], (0, 1))
exp(-g*norm(x - u)**2) | x | -2*g*(x - u)*exp(-g*norm(x - u)**2)
(x@u + c)**h | x | h*(x @ u + c)**(h - 1)*u
exp(-norm(x - u)/h) | x | (u - x)*exp(-norm(x - u)/h)/(h*norm(x - u))
sum(log(1 + x**2)) | x | 2*x/(1 + x**2)
exp(mean(log(x))) | x | exp(mean(log(x)))/(n*x)
n/sum(1/x) | x | n/(x**2*sum(1/x)**2)
sum(x**h)**(1/h) | x | x**(h - 1)*sum(x**h)**(1/h - 1)
std(x) | x | (x - mean(x))/((n - 1)*std(x))
u@x/sum(u) | u | (x - u @ x/sum(u))/sum(u)
u@log(p) | p | u/p
lgamma(sum(u)) - sum(lgamma(u)) + (u - 1)@log(p) | u | digamma(sum(u)) - digamma(u) + log(p)
(u@A@v)**2 | A | 2*(u @ A @ v)*outer(u, v)
norm(A@x)/norm(x) | x | A.T @ A @ x/(norm(A @ x)*norm(x)) - x*norm(A @ x)/norm(x)**3
r@tanh(W@x + b) | x | W.T @ (r*(1 - tanh(W @ x + b)**2))
r@tanh(W@x + b) | W | outer(r*(1 - tanh(W @ x + b)**2), x)
sum(M*(softmax(Q@K.T/sqrt(d))@V)) | V | softmax(Q @ K.T/sqrt(d), 1).T @ M
sum(M*(X - U@V)**2) | U | 2*(M*(U @ V - X)) @ V.T
-y@inverse(A)@y/2 - logdet(A)/2 | A | (inverse(A).T @ outer(y, y) @ inverse(A).T - inverse(A).T)/2
trace(inverse(A)@inverse(A)) | A | -2*(inverse(A) @ inverse(A) @ inverse(A)).T
x@(diag(sum(A, 1)) - A)@x | x | 2*sum(A, 1)*x - (A + A.T) @ x
sum(log(1 + exp(-y*(X@w)))) + lam*(w@w)/2 | w | lam*w - X.T @ (y*sigmoid(-y*(X @ w)))
-sum(Y*log_softmax(X@H, 1)) | H | X.T @ (sum(Y, 1)[:, None]*softmax(X @ H, 1) - Y)
sum(where(abs(x) < c, x**2/2, c*abs(x) - c**2/2)) | x | where(abs(x) < c, x, c*sign(x))
lam*sum(w**2)/2 + sum(relu(1 - y*(X@w))) | w | lam*w - X.T @ (y*where(y*(X @ w) < 1, 1.0, 0.0))
c = x - mean(x); f = u@c/sqrt(mean(c**2) + t) | x | (u - mean(u) - (x - mean(x))*(u @ (x - mean(x)))\
/(n*(mean((x - mean(x))**2) + t)))/sqrt(mean((x - mean(x))**2) + t)
sum(stack([x, u])**2) | x | 2*x
cat((x, u))@cat((u, v)) | x | u
(stack([A@x, u])**2*stack([B@x, v]))[0]@v | v | (A@x)**2*(B@x)
l*sum(stack([t*ones_like(x), x])**2, 1)[0] | l | n*t**2
sum(stack([x, zeros_like(x)])[1]*u) | u | zeros(n)
l*sum(where(x > 1, 2*x, x)**2) | l | x**2 @ where(x > 1, 2.0, 1.0)**2
l*(u@roll(where(x > 1, ones_like(x), 0), 1, 0)) | l | u @ roll(where(x > 1, 1.0, 0.0), 1, 0)
-log(exp(x@u/t)/(exp(x@u/t) + exp(x@v/t))) | x | (v - u)*sigmoid((x@v - x@u)/t)/t
det(inverse(A)) | A | -inverse(A).T/det(A)
norm(x)**l | x | l*norm(x)**(l - 2)*x
sum(log(diagonal(cholesky(A@A.T + eye(n))))) | A | inverse(A@A.T + eye(n)) @ A
"""
