"""Derivatives of the natural sciences, economics, insurance and learning, as their books give them.

Written down before a look at ours. What ours is longer than is marked.
"""

SHAPES = {
    "C": "n,n",
    "D": "n,n",
    "G": "n,n",
    "H": "n,n",
    "K": "n,n",
    "M": "n,m",
    "P": "n,n",
    "Q": "n,n",
    "R": "n,n",
    "V": "m,k",
    "W": "m,k",
    "a": "n",
    "b": "n",
    "t": "n",
}
"""Of names that stand for something else in the other lists."""

SCALARS = """
1/((n - 1)*(1/r1 - 1/r2)) | n | -1/((n - 1)**2*(1/r1 - 1/r2))
I0*cos(t)**2 | t | -I0*sin(2*t)
w0*sqrt(1 + (z/zr)**2) | z | w0*z/(zr**2*sqrt(1 + (z/zr)**2))
((n1 - n2)/(n1 + n2))**2 | n1 | 4*n2*(n1 - n2)/(n1 + n2)**3
I0*(sin(b)/b)**2 | b | 2*I0*sin(b)*(b*cos(b) - sin(b))/b**3
1/(1 + F*sin(d/2)**2) | d | -F*sin(d)/(2*(1 + F*sin(d/2)**2)**2)
a + b/l**2 + c/l**4 | l | -2*b/l**3 - 4*c/l**5
z*(1 + (zr/z)**2) | z | 1 - zr**2/z**2
A0*exp(-k*t) | k | -A0*t*exp(-k*t)
A0/(1 + k*t*A0) | t | -k*A0**2/(1 + A0*k*t)**2
k1*k2*A/(k1 + k2*A) | A | k1**2*k2/(k1 + A*k2)**2
pk + log10(A/(c - A)) | A | c/(A*(c - A)*log(10))
Vm*S/(Km + S + S**2/Ki) | S | Vm*(Km - S**2/Ki)/(Km + S + S**2/Ki)**2
Vm*S/(Km*(1 + I/Ki) + S) | I | -Km*S*Vm/(Ki*(Km*(1 + I/Ki) + S)**2)
K*p/(1 + K*p) | p | K/(1 + K*p)**2
qm*(K*p)**(1/n)/(1 + (K*p)**(1/n)) | p | qm*(K*p)**(1/n)/(n*p*(1 + (K*p)**(1/n))**2) | longer
kB*T/h*exp(-G/(R*T)) | T | kB*(R*T + G)*exp(-G/(R*T))/(R*T*h)
i0*(exp(a*F*v/(R*T)) - exp(-(1 - a)*F*v/(R*T))) | v | F*i0*(a*exp(F*a*v/(R*T)) + (1 - a)*exp(-F*v*(1 - \
a)/(R*T)))/(R*T)
De*(1 - exp(-a*(r - re)))**2 | r | 2*De*a*exp(-a*(r - re))*(1 - exp(-a*(r - re)))
A*exp(-b*r) - C/r**6 | r | 6*C/r**7 - A*b*exp(-b*r)
D*ka/(V*(ka - ke))*(exp(-ke*t) - exp(-ka*t)) | t | D*ka*(ka*exp(-ka*t) - ke*exp(-ke*t))/(V*(ka - ke))
A*exp(-al*t) + B*exp(-be*t) | t | -A*al*exp(-al*t) - B*be*exp(-be*t)
Em*C**g/(EC**g + C**g) | C | Em*EC**g*g*C**(g - 1)/(C**g + EC**g)**2
Em*C/(EC + C) | EC | -C*Em/(C + EC)**2
R0/k*(1 - exp(-k*t)) | t | R0*exp(-k*t)
D/V*exp(-CL*t/V) | CL | -D*t*exp(-CL*t/V)/V**2
D/V*exp(-CL*t/V) | V | D*(CL*t - V)*exp(-CL*t/V)/V**3
(a*K**r + (1 - a)*L**r)**(1/r) | K | a*K**(r - 1)*(a*K**r + L**r*(1 - a))**(1/r - 1)
A*K**a*L**(1 - a) | L | A*(1 - a)*(K/L)**a | longer
a*log(x) + (1 - a)*log(y) | x | a/x
-exp(-a*c)/a | c | exp(-a*c)
b0 + b1*(1 - exp(-t/l))/(t/l) + b2*((1 - exp(-t/l))/(t/l) - exp(-t/l)) | b2 | l*(1 - exp(-t/l))/t - exp(-t/l)
c/y*(1 - (1 + y)**(-n)) + F*(1 + y)**(-n) | y | c*n*(1 + y)**(-n - 1)/y - c*(1 - (1 + y)**(-n))/y**2 - \
F*n*(1 + y)**(-n - 1)
p*(a - b*p) - c*(a - b*p) | p | a - 2*b*p + b*c
L/(1 + exp(-k*(p - p0))) | p | L*k*sigmoid(k*(p - p0))*sigmoid(-k*(p - p0))
m - g/2*v - x | v | -g/2
s*k**a - (n + g + d)*k | k | a*s*k**(a - 1) - n - g - d
x**a*y**b | a | x**a*y**b*log(x)
log(exp(u/s) + exp(v/s))*s | u | sigmoid((u - v)/s)
a*(1 - e**2)/(1 + e*cos(t)) | t | a*e*(1 - e**2)*sin(t)/(1 + e*cos(t))**2
E - ec*sin(E) | E | 1 - ec*cos(E)
sqrt(mu*(2/r - 1/a)) | a | mu/(2*a**2*sqrt(mu*(2/r - 1/a)))
2*pi*sqrt(a**3/mu) | mu | -pi*sqrt(a**3/mu)/mu
-mu/r + h**2/(2*r**2) | r | mu/r**2 - h**2/r**3
sqrt(2*mu/r) | r | -sqrt(mu/(2*r))/r
ve*log(m0/m) | m | -ve/m
2*atan(sqrt((1 + ec)/(1 - ec))*tan(E/2)) | E | sqrt(1 - ec**2)/(1 - ec*cos(E)) | longer
-mu/r*(1 - J*(R/r)**2*(3*s**2 - 1)/2) | s | 3*J*mu*s*(R/r)**2/r
g*m**3*h*(V - E) | m | 3*g*h*m**2*(V - E)
v - v**3/3 - w + I | v | 1 - v**2
1/(1 + exp((vh - V)/k)) | V | sigmoid((V - vh)/k)*sigmoid((vh - V)/k)/k
r*N*(1 - N/K)*(N/A - 1) | N | r*(2*N*(1/A + 1/K) - 3*N**2/(A*K) - 1)
a*N/(1 + a*h*N) | N | a/(1 + a*h*N)**2
a*N**2/(1 + a*h*N**2) | N | 2*N*a/(1 + N**2*a*h)**2
b*S*I/(S + I) | S | I**2*b/(I + S)**2
gl*(E - V) + gl*d*exp((V - vt)/d) | V | gl*(exp((V - vt)/d) - 1)
(u**(-t) + v**(-t) - 1)**(-1/t) | u | u**(-t - 1)*(u**(-t) + v**(-t) - 1)**(-1/t - 1)
u*v/(1 - t*(1 - u)*(1 - v)) | u | v*(1 - t*(1 - v))/(1 - t*(1 - u)*(1 - v))**2
exp(-((-log(u))**t + (-log(v))**t)**(1/t)) | u | exp(-((-log(u))**t + (-log(v))**t)**(1/t))*((-log(u))**t + \
(-log(v))**t)**(1/t - 1)*(-log(u))**(t - 1)/u
-log(1 + (exp(-t*u) - 1)*(exp(-t*v) - 1)/(exp(-t) - 1))/t | u | exp(-t*u)*(exp(-t*v) - 1)/(exp(-t) - 1 + \
(exp(-t*u) - 1)*(exp(-t*v) - 1))
u*v + t*u*v*(1 - u)*(1 - v) | u | v + t*v*(1 - v)*(1 - 2*u)
exp(-A*t - B*c**t*(c - 1)/log(c)) | A | -t*exp(-A*t - B*c**t*(c - 1)/log(c))
A + B*c**x | x | B*c**x*log(c)
exp(-B/log(c)*(c**x - 1)) | x | -B*c**x*exp(-B*(c**x - 1)/log(c))
(1 - exp(-d*n))/d | d | n*exp(-d*n)/d - (1 - exp(-d*n))/d**2
1 - (th/(th + x))**a | x | a*(th/(th + x))**a/(th + x)
(1 + k*(x - m)/s)**(-1/k) | x | -(1 + k*(x - m)/s)**(-1/k - 1)/s
exp(-exp(-(x - m)/b)) | x | exp(-(x - m)/b - exp(-(x - m)/b))/b
x*log(l) - l - lgamma(x + 1) | l | x/l - 1
lgamma(x + r) - lgamma(r) + r*log(1 - p) + x*log(p) | r | digamma(x + r) - digamma(r) + log(1 - p)
-p*log2(p) - (1 - p)*log2(1 - p) | p | log2((1 - p)/p) | longer
log(p**a + (1 - p)**a)/(1 - a) | p | a*(p**(a - 1) - (1 - p)**(a - 1))/((1 - a)*(p**a + (1 - p)**a))
p*(1 - p) + q*(1 - q) | p | 1 - 2*p
log(1 + S/N)*B | S | B/(N + S)
x*sigmoid(b*x) | x | sigmoid(b*x)*(1 + b*x*sigmoid(-b*x))
sin(a*x)**2/a + x | x | 1 + sin(2*a*x)
exp(-x**2) | x | -2*x*exp(-x**2)
s**2*exp(-(x - y)**2/(2*l**2)) | l | s**2*(x - y)**2*exp(-(x - y)**2/(2*l**2))/l**3
(1 + sqrt(3)*r/l)*exp(-sqrt(3)*r/l) | r | -3*r*exp(-sqrt(3)*r/l)/l**2
(1 + (x - y)**2/(2*a*l**2))**(-a) | x | (y - x)*(1 + (x - y)**2/(2*a*l**2))**(-a - 1)/l**2
exp(-2*sin(pi*d/p)**2/l**2) | d | -2*pi*sin(2*pi*d/p)*exp(-2*sin(pi*d/p)**2/l**2)/(l**2*p)
(x*y + c)**d | x | d*y*(x*y + c)**(d - 1)
tanh(a*x*y + c) | x | a*y/cosh(a*x*y + c)**2
(1 - t)**3*p0 + 3*(1 - t)**2*t*p1 + 3*(1 - t)*t**2*p2 + t**3*p3 | t | 3*(1 - t)**2*(p1 - p0) + 6*t*(1 - \
t)*(p2 - p1) + 3*t**2*(p3 - p2)
(2*t**3 - 3*t**2 + 1)*p + (t**3 - 2*t**2 + t)*m | t | 6*p*t*(t - 1) + m*(3*t**2 - 4*t + 1)
r**2*log(r) | r | r*(2*log(r) + 1)
sqrt(r**2 + c**2) | r | r/sqrt(r**2 + c**2)
w**2/(s**2 + 2*z*w*s + w**2) | z | -2*s*w**3/(s**2 + 2*s*w*z + w**2)**2
K/sqrt(1 + (w*T)**2) | w | -K*T**2*w/(1 + (T*w)**2)**(3/2)
exp(-z*w*t)*sin(w*t*sqrt(1 - z**2)) | t | w*exp(-t*w*z)*(sqrt(1 - z**2)*cos(t*w*sqrt(1 - z**2)) - \
z*sin(t*w*sqrt(1 - z**2)))
3*R*(th/T)**2*exp(th/T)/(exp(th/T) - 1)**2 | R | 3*(th/T)**2*exp(th/T)/(exp(th/T) - 1)**2
a*x/(exp(a*x) - 1) | x | a/(exp(a*x) - 1) - a**2*x*exp(a*x)/(exp(a*x) - 1)**2
cosh(x)/sinh(x) - 1/x | x | 1/x**2 - 1/sinh(x)**2
"""

ARRAYS = """
y@inverse(K)@y/2 + logdet(K)/2 | K | (inverse(K).T - inverse(K).T@outer(y, y)@inverse(K).T)/2
x@P@x | P | outer(x, x)
(x - y)@inverse(P)@(x - y) | x | (inverse(P) + inverse(P).T)@(x - y)
trace(A@P + P@A.T + Q) | P | A.T + A
trace(A@P@A.T + Q) | P | A.T@A
trace(P - G@H@P) | G | -P.T@H.T
trace((A - G@H)@P@(A - G@H).T) | G | -(A - G@H)@(P + P.T)@H.T
x@Q@x + u@R@u | u | (R + R.T)@u
(A@x + B@u)@P@(A@x + B@u) | u | B.T@(P + P.T)@(A@x + B@u)
sum((A@x + B@u - y)**2) | u | 2*B.T@(A@x + B@u - y)
v@S@v/(v@v) | v | (S + S.T)@v/(v@v) - 2*v*(v@S@v)/(v@v)**2
a@C@b/sqrt(a@A@a*(b@B@b)) | a | C@b/sqrt(a@A@a*(b@B@b)) - a@C@b*(b@B@b)*((A + \
A.T)@a)/(2*(a@A@a*(b@B@b))**(3/2))
sum((X - X@W@W.T)**2) | X | 2*(X - X@W@W.T)@(eye(m) - W@W.T)
sum((X - U@V.T)**2) | U | -2*(X - U@V.T)@V
sum((X - U@V.T)**2) + l*sum(U**2) | V | -2*(X - U@V.T).T@U
sum(M*(X - U@V.T)**2) | U | -2*(M*(X - U@V.T))@V
v@S@v - l*(v@v - 1) | v | (S + S.T)@v - 2*l*v
sum(u*gelu(x)) | x | u*(ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi))
sum(u*silu(x)) | x | u*sigmoid(x)*(1 + x*sigmoid(-x))
sum(u*tanh(softplus(x))*x) | x | u*(tanh(softplus(x)) + x*sigmoid(x)/cosh(softplus(x))**2)
sum(v*exp(-(x - a)**2/(2*s**2))) | a | v*(x - a)*exp(-(x - a)**2/(2*s**2))/s**2
sum(v*exp(-(x - c)**2/(2*s**2))) | s | sum(v*(x - c)**2*exp(-(x - c)**2/(2*s**2)))/s**3
-log(exp(s)/(exp(s) + sum(exp(t)))) | s | -sum(exp(t))/(exp(s) + sum(exp(t)))
logsumexp(x/c, 0)*c | x | softmax(x/c)
-log_softmax(x/t)[0] | x | (softmax(x/t) - one_hot(0, n))/t
sum(u*softmax(x)) | x | softmax(x)*(u - u@softmax(x))
sum(G*(softmax(S, 1)@Q)) | Q | softmax(S, 1).T@G
sum(u*x/(1 + exp(-x))) | x | u*sigmoid(x)*(1 + x*sigmoid(-x))
sum(relu(m + D - p)) | D | where(D + m > p, 1.0, 0.0)
mean(maximum(p*(y - x), (p - 1)*(y - x))) | x | where(x == y, 1/2 - p, where(y > x, -p, 1 - p))/n
sum(log(cosh(y - X@w))) | w | -X.T@tanh(y - X@w)
sum(d**2*(sqrt(1 + ((X@w - y)/d)**2) - 1)) | w | X.T@((X@w - y)/sqrt(1 + ((X@w - y)/d)**2))
mean((x - mean(x))**3)/mean((x - mean(x))**2)**(3/2) | x | 3*((x - mean(x))**2/mean((x - mean(x))**2) - 1 - \
(x - mean(x))*mean((x - mean(x))**3)/mean((x - mean(x))**2)**2)/(n*sqrt(mean((x - mean(x))**2)))
mean(x)/std(x) | x | (1/n - mean(x)*(x - mean(x))/((n - 1)*std(x)**2))/std(x)
std(x)/mean(x) | x | (x - mean(x))/((n - 1)*mean(x)*std(x)) - std(x)/(n*mean(x)**2)
sum((y - X@linalg.solve(X.T@X, X.T@y))**2) | y | 2*(y - X@linalg.solve(X.T@X, X.T@y))
mean(x**2) - mean(x)**2 | x | 2*(x - mean(x))/n
sum(x)**2/sum(x**2) | x | 2*sum(x)*(1 - x*sum(x)/(x@x))/(x@x)
mean(abs(x - mean(x))) | x | (sign(x - mean(x)) - mean(sign(x - mean(x))))/n
sum(u*x)/sum(u) | u | (x - u@x/sum(u))/sum(u)
sum(v*(x - u)**2)/sum(v) | u | 2*v*(u - x)/sum(v)
logsumexp(x, 0) - mean(x) | x | softmax(x) - 1/n
-sum(softmax(x)*log_softmax(x)) | x | -softmax(x)*(log_softmax(x) - softmax(x)@log_softmax(x))
norm(x)/sum(abs(x)) | x | x/(norm(x)*sum(abs(x))) - norm(x)*sign(x)/sum(abs(x))**2
sum(log(1 + x**2/v)) | x | 2*x/(v + x**2)
sum(u*x)/(norm(u)*norm(x)) | u | (x/norm(x) - u*(u@x)/(norm(u)**2*norm(x)))/norm(u)
"""
