"""Derivatives of physics, biology, statistics, finance and learning, in lines as those of `catalogue`.

What ours is longer than is marked.
"""

SCALARS = """
sqrt(x + 1/x) | x | (1 - 1/x**2)/(2*sqrt(x + 1/x))
log(x + sqrt(1 + x**2))*sqrt(1 + x**2) | x | 1 + x*log(x + sqrt(1 + x**2))/sqrt(1 + x**2)
log(1 + exp(sin(x))) | x | cos(x)*exp(sin(x))/(1 + exp(sin(x)))
sin(x)**n*cos(n*x) | x | n*sin(x)**(n - 1)*cos((n + 1)*x)
sin(a*x)*cos(b*x) | x | a*cos(a*x)*cos(b*x) - b*sin(a*x)*sin(b*x)
tan(a*x + b) | x | a/cos(a*x + b)**2
x**2*sin(1/x) | x | 2*x*sin(1/x) - cos(1/x)
(a**2 - x**2)**(3/2) | x | -3*x*sqrt(a**2 - x**2)
x/sqrt(a**2 - x**2) | x | a**2/(a**2 - x**2)**(3/2)
(a*x + b)**n | x | a*n*(a*x + b)**(n - 1)
x**m*(1 - x)**n | x | x**(m - 1)*(1 - x)**(n - 1)*(m - (m + n)*x)
(x**n - 1)/(x - 1) | x | (n*x**(n - 1)*(x - 1) - x**n + 1)/(x - 1)**2
a**x/(1 + a**x) | x | a**x*log(a)/(1 + a**x)**2
x**a*a**x | x | x**(a - 1)*a**x*(a + x*log(a))
(1 + x)**(1/x) | x | (1 + x)**(1/x)*(x/(1 + x) - log(1 + x))/x**2
log(x)/x**n | x | (1 - n*log(x))/x**(n + 1)
exp(a*x)/(b + c*exp(a*x)) | x | a*b*exp(a*x)/(b + c*exp(a*x))**2
asin(x/a) | x | 1/(a*sqrt(1 - x**2/a**2))
atan(x/sqrt(1 - x**2)) | x | 1/sqrt(1 - x**2)
atanh(x/a) | x | a/(a**2 - x**2)
sinh(x)*sin(x) - cosh(x)*cos(x) | x | 2*cosh(x)*sin(x)
tanh(x)/x | x | (1 - tanh(x)**2)/x - tanh(x)/x**2
log(cosh(x) + sinh(x)) | x | 1
tan(x)**2 - log(1/cos(x)**2) | x | 2*tan(x)**3
x - log(1 + exp(x)) | x | 1/(1 + exp(x))
x*(sin(log(x)) + cos(log(x))) | x | 2*cos(log(x))
sqrt(1 - x)/sqrt(1 + x) | x | -1/((1 + x)**(3/2)*sqrt(1 - x))
cos(x)**x | x | cos(x)**x*(log(cos(x)) - x*tan(x))
sin(x**n) | x | n*x**(n - 1)*cos(x**n)
exp(x**x) | x | exp(x**x)*x**x*(1 + log(x))
x**(x**x) | x | x**(x**x)*x**x*(log(x)*(1 + log(x)) + 1/x)
abs(sin(x)) | x | cos(x)*sign(sin(x))
m*l**2*q**2/2 + m*g*l*cos(t) | t | -m*g*l*sin(t)
(m1 + m2)*l1**2*w1**2/2 + m2*l2**2*w2**2/2 + m2*l1*l2*w1*w2*cos(a - b) | a | -m2*l1*l2*w1*w2*sin(a - b)
(m1 + m2)*l1**2*w1**2/2 + m2*l2**2*w2**2/2 + m2*l1*l2*w1*w2*cos(a - b) | w1 \
| (m1 + m2)*l1**2*w1 + m2*l1*l2*w2*cos(a - b)
8*pi*h*f**3/(c**3*(exp(h*f/(k*T)) - 1)) | f | 8*pi*h*f**2/(c**3*(exp(h*f/(k*T)) - 1))*(3 - h*f*exp(h*f/(k*\
T))/(k*T*(exp(h*f/(k*T)) - 1)))
n*R*T/(V - n*b) - a*n**2/V**2 | n | R*T*V/(V - n*b)**2 - 2*a*n/V**2
(P + a/V**2)*(V - b) | V | P - a/V**2 + 2*a*b/V**3
4*e*((s/r)**12 - (s/r)**6) | s | 24*e*(2*(s/r)**12 - (s/r)**6)/s
q/(4*pi*e0)*exp(-r/l)/r | r | -q*exp(-r/l)*(1/r + 1/l)/(4*pi*e0*r)
(u + v)/(1 + u*v/c**2) | u | (1 - v**2/c**2)/(1 + u*v/c**2)**2
m0/sqrt(1 - (v/c)**2) | v | m0*v/(c**2*(1 - (v/c)**2)**(3/2))
t0*sqrt(1 - v**2/c**2) | v | -t0*v/(c**2*sqrt(1 - v**2/c**2))
sqrt(G*M*(2/r - 1/a)) | r | -G*M/(r**2*sqrt(G*M*(2/r - 1/a)))
v**2*sin(2*th)/g | th | 2*v**2*cos(2*th)/g
x*tan(th) - g*x**2/(2*v**2*cos(th)**2) | x | tan(th) - g*x/(v**2*cos(th)**2)
2*pi*sqrt(l/g)*(1 + th**2/16) | g | -pi*sqrt(l/g)*(1 + th**2/16)/g
k*q/sqrt(z**2 + a**2) | z | -k*q*z/(z**2 + a**2)**(3/2)
m0*J*a**2/(2*(z**2 + a**2)**(3/2)) | z | -3*m0*J*a**2*z/(2*(z**2 + a**2)**(5/2))
A*exp(-g*t)*cos(sqrt(w**2 - g**2)*t) | t | -A*exp(-g*t)*(g*cos(sqrt(w**2 - g**2)*t) + sqrt(w**2 - g**2)*sin(\
sqrt(w**2 - g**2)*t))
log(2*cosh(b*h)) | h | b*tanh(b*h)
-k*T*log(2*cosh(m*B/(k*T))) | B | -m*tanh(m*B/(k*T))
1/(exp((E - mu)/(k*T)) + 1) | E | -exp((E - mu)/(k*T))/(k*T*(exp((E - mu)/(k*T)) + 1)**2)
1/(exp((E - mu)/(k*T)) - 1) | T | (E - mu)*exp((E - mu)/(k*T))/(k*T**2*(exp((E - mu)/(k*T)) - 1)**2)
sqrt(g*l/(2*pi)*tanh(2*pi*d/l)) | d | g/(2*cosh(2*pi*d/l)**2*sqrt(g*l/(2*pi)*tanh(2*pi*d/l)))
h*c/l - W | l | -h*c/l**2
k*A*(T1 - T2)/d | d | -k*A*(T1 - T2)/d**2
e*sinh(H) - H | H | e*cosh(H) - 1
p**2/(2*m) + m*w**2*x**2/2 | x | m*w**2*x
sqrt(m**2*c**4 + p**2*c**2) - m*c**2 | m | m*c**4/sqrt(m**2*c**4 + p**2*c**2) - c**2
V*S**n/(K + S**n) | S | n*K*V*S**(n - 1)/(K + S**n)**2
V*S/(Km*(1 + I/Ki) + S) | I | -V*S*Km/(Ki*(Km*(1 + I/Ki) + S)**2)
V*S/(Km*(1 + I/Ki) + S) | S | V*Km*(1 + I/Ki)/(Km*(1 + I/Ki) + S)**2
V*S/(Km + S*(1 + I/Ki)) | S | V*Km/(Km + S*(1 + I/Ki))**2
r*N*(1 - (N/K)**th) | N | r*(1 - (1 + th)*(N/K)**th)
K*(1 + Q*exp(-r*t))**(-1/v) | t | r*K*Q*exp(-r*t)*(1 + Q*exp(-r*t))**(-1/v - 1)/v
K*exp(log(N0/K)*exp(-a*t)) | t | -a*K*log(N0/K)*exp(-a*t)*exp(log(N0/K)*exp(-a*t))
b*S*I/(S + I + R) | S | b*I*(I + R)/(S + I + R)**2
R*T/(z*F)*log(co/ci) | ci | -R*T/(z*F*ci)
A*T**n*exp(-E/(R*T)) | T | A*T**(n - 1)*exp(-E/(R*T))*(n + E/(R*T))
F*ka*D/(V*(ka - ke))*(exp(-ke*t) - exp(-ka*t)) | t | F*ka*D*(ka*exp(-ka*t) - ke*exp(-ke*t))/(V*(ka - ke))
E0 + Em*C**h/(EC**h + C**h) | EC | -Em*h*C**h*EC**(h - 1)/(EC**h + C**h)**2
q*K*p/(1 + K*p) | p | q*K/(1 + K*p)**2
a*M**b | M | a*b*M**(b - 1)
L/(1 + exp(-k*(x - x0))) | x0 | -k*L*exp(-k*(x - x0))/(1 + exp(-k*(x - x0)))**2
p0 + log10(A/H) | H | -1/(H*log(10))
m*(1 - exp(-k*(t - t0)))**3 | t | 3*m*k*exp(-k*(t - t0))*(1 - exp(-k*(t - t0)))**2
y*log(p) + (1 - y)*log(1 - p) | p | (y - p)/(p*(1 - p))
a*log(b) - lgamma(a) + (a - 1)*log(x) - b*x | x | (a - 1)/x - b
y*h - exp(h) | h | y - exp(h)
y*h - log(1 + exp(h)) | h | y - sigmoid(h)
y*log(mu) - (y + r)*log(r + mu) | mu | y/mu - (y + r)/(r + mu)
log(-log(1 - p)) | p | -1/((1 - p)*log(1 - p))
1 - exp(-exp(h)) | h | exp(h - exp(h))
-log(b) - abs(x - m)/b | b | abs(x - m)/b**2 - 1/b
-log(b) - abs(x - m)/b | m | sign(x - m)/b
log(g/pi) - log(g**2 + (x - m)**2) | x | -2*(x - m)/(g**2 + (x - m)**2)
lgamma((v + 1)/2) - lgamma(v/2) - log(pi*v)/2 - (v + 1)/2*log(1 + x**2/v) | v \
| (digamma((v + 1)/2) - digamma(v/2) - 1/v - log(1 + x**2/v) + (v + 1)*x**2/(v**2 + v*x**2))/2
log(a) + log(b) + (a - 1)*log(x) + (b - 1)*log(1 - x**a) | x | (a - 1)/x - a*(b - 1)*x**(a - 1)/(1 - x**a)
x*log(p) + log(-1/log(1 - p)) | p | x/p + 1/((1 - p)*log(1 - p))
log(b*e) + b*x + e - e*exp(b*x) | x | b - b*e*exp(b*x)
log(b/a) + (b - 1)*log(x/a) - 2*log(1 + (x/a)**b) | x | (b - 1)/x - 2*b*(x/a)**b/(x*(1 + (x/a)**b))
m*log(m) - lgamma(m) - m*log(W) + (2*m - 1)*log(x) - m*x**2/W | W | m*x**2/W**2 - m/W
log(x/s**2) - (x**2 + v**2)/(2*s**2) + log(i0(x*v/s**2)) | v | (x*i1(x*v/s**2)/i0(x*v/s**2) - v)/s**2
2*log(x) - 3*log(a) - x**2/(2*a**2) | a | x**2/a**3 - 3/a
lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) + lgamma(a + b) - lgamma(a) - lgamma(b) | a \
| digamma(k + a) - digamma(n + a + b) + digamma(a + b) - digamma(a)
log(a/b) + b/a - 1 | a | 1/a - b/a**2
a*log(a/b) - a + b | a | log(a/b)
a*log(a/b) - a + b | b | 1 - a/b
1 - sqrt(2*s*t/(s**2 + t**2))*exp(-(m - u)**2/(4*(s**2 + t**2))) | m \
| (m - u)*sqrt(2*s*t/(s**2 + t**2))*exp(-(m - u)**2/(4*(s**2 + t**2)))/(2*(s**2 + t**2))
y*log(ndtr(h)) + (1 - y)*log(1 - ndtr(h)) | h | exp(-h**2/2)/sqrt(2*pi)*(y/ndtr(h) - (1 - y)/(1 - ndtr(h)))
(x**a - a*x + a - 1)/(a*(a - 1)) | x | (x**(a - 1) - 1)/(a - 1)
y*m**(1 - p)/(1 - p) - m**(2 - p)/(2 - p) | m | y*m**(-p) - m**(1 - p)
exp(t*m + t**2*s**2/2) | t | (m + s**2*t)*exp(t*m + t**2*s**2/2)
(1 - b*t)**(-a) | t | a*b*(1 - b*t)**(-a - 1)
p*exp(t)/(1 - (1 - p)*exp(t)) | t | p*exp(t)/(1 - (1 - p)*exp(t))**2
(1 - p + p*exp(t))**n | t | n*p*exp(t)*(1 - p + p*exp(t))**(n - 1)
S*ndtr((log(S/K) + (r + s**2/2)*t)/(s*sqrt(t))) - K*exp(-r*t)*ndtr((log(S/K) + (r - s**2/2)*t)/(s*sqrt(t))) \
| S | ndtr((log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)))
d = (log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)); C = S*ndtr(d) - K*exp(-r*t)*ndtr(d - s*sqrt(t)) \
| r | K*t*exp(-r*t)*ndtr((log(S/K) + (r - s**2/2)*t)/(s*sqrt(t)))
d = (log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)); C = S*ndtr(d) - K*exp(-r*t)*ndtr(d - s*sqrt(t)) \
| s | S*sqrt(t)*exp(-((log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)))**2/2)/sqrt(2*pi)
d = (log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)); C = S*ndtr(d) - K*exp(-r*t)*ndtr(d - s*sqrt(t)) \
| K | -exp(-r*t)*ndtr((log(S/K) + (r - s**2/2)*t)/(s*sqrt(t)))
d = (log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)); C = S*ndtr(d) - K*exp(-r*t)*ndtr(d - s*sqrt(t)) \
| S | ndtr((log(S/K) + (r + s**2/2)*t)/(s*sqrt(t)))
c/y*(1 - (1 + y)**(-n)) + F/(1 + y)**n | y | c*n*(1 + y)**(-n - 1)/y - c*(1 - (1 + y)**(-n))/y**2 - n*F/(1 +\
 y)**(n + 1)
P*r*(1 + r)**n/((1 + r)**n - 1) | n | -P*r*(1 + r)**n*log(1 + r)/((1 + r)**n - 1)**2
D/(r - g) | g | D/(r - g)**2
C*exp(-y*T) | y | -T*C*exp(-y*T)
x**(1 - g)/(1 - g) | x | x**(-g)
-exp(-a*W)/a | W | exp(-a*W)
w*m1 + (1 - w)*m2 - l/2*(w**2*s1**2 + (1 - w)**2*s2**2) | w | m1 - m2 - l*(w*s1**2 - (1 - w)*s2**2)
A*(d*K**(-p) + (1 - d)*L**(-p))**(-1/p) | K | A*d*K**(-p - 1)*(d*K**(-p) + (1 - d)*L**(-p))**(-1/p - 1)
-a*(1 - p)**g*log(p) | p | a*(1 - p)**g*(g*log(p)/(1 - p) - 1/p)
-(1 - sigmoid(z))**g*log(sigmoid(z)) | z | (1 - sigmoid(z))**g*(g*sigmoid(z)*log(sigmoid(z)) + sigmoid(z) - 1)
relu(m + p - q) | p | where(m + p - q > 0, 1, 0)
y*d**2/2 + (1 - y)*relu(m - d)**2/2 | d | y*d - (1 - y)*relu(m - d)
x/2*(1 + tanh(c*(x + k*x**3))) | x | (1 + tanh(c*(x + k*x**3)))/2 + c*x*(1 + 3*k*x**2)*(1 - tanh(c*(x + k*x*\
*3))**2)/2
silu(a)*b | a | b*sigmoid(a)*(1 + a*(1 - sigmoid(a)))
log(1 + exp(b*x))/b | x | sigmoid(b*x)
log(1 + exp(b*x))/b | b | x*sigmoid(b*x)/b - log(1 + exp(b*x))/b**2
d**2*(sqrt(1 + (a/d)**2) - 1) | a | a/sqrt(1 + (a/d)**2)
c**2/2*log(1 + (x/c)**2) | x | x/(1 + (x/c)**2)
c**2/6*(1 - (1 - (x/c)**2)**3) | x | x*(1 - (x/c)**2)**2
c**2/2*(1 - exp(-(x/c)**2)) | x | x*exp(-(x/c)**2)
sigmoid(a)*tanh(b) | b | sigmoid(a)*(1 - tanh(b)**2)
log(sigmoid(b*(u - v))) | u | b*sigmoid(b*(v - u))
l*exp(-s)/2 + s/2 | s | (1 - l*exp(-s))/2
x*sqrt(1 - x) | x | (2 - 3*x)/(2*sqrt(1 - x))
exp(cos(x))*sin(x) | x | exp(cos(x))*(cos(x) - sin(x)**2)
log(x + 1)/(x + 1) | x | (1 - log(x + 1))/(x + 1)**2
(1 - exp(-x))/x | x | ((x + 1)*exp(-x) - 1)/x**2
x**2*2**x | x | x*2**x*(2 + x*log(2))
sin(a*x + b)**2 | x | a*sin(2*(a*x + b))
cos(x)*cosh(x) + sin(x)*sinh(x) | x | 2*cos(x)*sinh(x)
acos(x)**2 | x | -2*acos(x)/sqrt(1 - x**2)
sinh(x)/(sinh(x) + cosh(x)) | x | exp(-2*x)
(x**2 + a**2)**n | x | 2*n*x*(x**2 + a**2)**(n - 1)
x**(-n)*log(x) | x | x**(-n - 1)*(1 - n*log(x))
b**(c*x) | x | c*b**(c*x)*log(b)
log(a*x + b)/a | x | 1/(a*x + b)
I0*exp(-(x/w)**2) | x | -2*x*I0*exp(-(x/w)**2)/w**2
w**2*r - G*M/r**2 | r | w**2 + 2*G*M/r**3
V0*(1 - 2*exp(-t/tau)) | t | 2*V0*exp(-t/tau)/tau
R0*exp(B*(1/T - 1/T0)) | T | -B*R0*exp(B*(1/T - 1/T0))/T**2
s*T**4*A*e1 | T | 4*s*A*e1*T**3
sqrt(k/m)*A*cos(sqrt(k/m)*t) | t | -k*A*sin(sqrt(k/m)*t)/m
m1*m2/(m1 + m2) | m1 | m2**2/(m1 + m2)**2
1/2*c*v**2*A*r | v | c*v*A*r
n*l*(1 - cos(x/l)) | x | n*sin(x/l)
U*(1 - (r/R)**2) | r | -2*U*r/R**2
q1*q2*exp(-k*r)/(4*pi*e0*r**2) | r | -q1*q2*exp(-k*r)*(k*r + 2)/(4*pi*e0*r**3)
V*x**2/(K**2 + x**2) | x | 2*K**2*V*x/(K**2 + x**2)**2
a*x**2/(1 + a*h*x**2) | x | 2*a*x/(1 + a*h*x**2)**2
r*x*exp(1 - x/K) | x | r*(1 - x/K)*exp(1 - x/K)
A*(1 - B*exp(-k*t))**p | t | A*B*k*p*exp(-k*t)*(1 - B*exp(-k*t))**(p - 1)
k1*C/(1 + k2*C + k3*C**2) | C | k1*(1 - k3*C**2)/(1 + k2*C + k3*C**2)**2
x*log(p) + (n - x)*log(1 - p) | p | (x - n*p)/(p*(1 - p))
k*log(m) - m - lgamma(k + 1) | m | k/m - 1
log(k) - k*log(s) + (k - 1)*log(x) - (x/s)**k | x | (k - 1)/x - k*(x/s)**k/x
(v/2 - 1)*log(x) - x/2 - v/2*log(2) - lgamma(v/2) | x | (v/2 - 1)/x - 1/2
log(b) + log(2/pi)/2 - log(b**2 + x**2) | b | 1/b - 2*b/(b**2 + x**2)
-log(s) - (x - m)/s - 2*log(1 + exp(-(x - m)/s)) | m | tanh((x - m)/(2*s))/s
log(a/b) + (b**2 + d**2)/(2*a**2) | a | 1/a - (b**2 + d**2)/a**3
exp(m + s**2/2)*ndtr((m + s**2 - log(K))/s) | K | -exp(m + s**2/2)*exp(-((m + s**2 - log(K))/s)**2/2)/(s*K*\
sqrt(2*pi))
F*exp(-r*T)*ndtr(d) - K*exp(-r*T)*ndtr(d - s) | r | -T*exp(-r*T)*(F*ndtr(d) - K*ndtr(d - s))
C*(1 - (1 + r)**(-n))/r | n | C*(1 + r)**(-n)*log(1 + r)/r
y*log(y/m) - (y - m) | m | 1 - y/m
(x/(1 + x))**n | x | n*x**(n - 1)/(1 + x)**(n + 1) | longer
1/(1 + (x/K)**n) | x | -n*(x/K)**n/(x*(1 + (x/K)**n)**2) | longer
tanh(log(x)) | x | 4*x/(x**2 + 1)**2
acos((x - y)/z) | x | -1/(z*sqrt(1 - ((x - y)/z)**2))
asin((x - m)/s) | x | 1/(s*sqrt(1 - ((x - m)/s)**2))
acos(a*x + b) | x | -a/sqrt(1 - (a*x + b)**2)
acosh((x - m)/s) | x | 1/(s*sqrt(((x - m)/s)**2 - 1))
atanh((a - b)/(a + b)) | a | 1/(2*a)
acos((a**2 + b**2 - c**2)/(2*a*b)) | c | c/(a*b*sqrt(1 - (a**2 + b**2 - c**2)**2/(4*a**2*b**2)))
sigmoid(log(x)) | x | 1/(1 + x)**2
sigmoid(x)*(1 - sigmoid(x)) | x | -sigmoid(x)*sigmoid(-x)*tanh(x/2)
cos(asin(x)) | x | -x/sqrt(1 - x**2)
sin(acos(x)) | x | -x/sqrt(1 - x**2)
x*cos(asin(x)) | x | (1 - 2*x**2)/sqrt(1 - x**2)
tanh(asinh(x)) | x | 1/((1 + x**2)*hypot(x, 1))
cosh(asinh(x)) | x | x/hypot(x, 1)
log(cosh(atanh(x))) | x | x/(1 - x**2)
asinh(tan(x)) | x | sqrt(1 + tan(x)**2)
sin(x)**2/(1 + cos(x)) | x | sin(x)
K/(1 + A*exp(-r*t))**(1/v) | t | r*K*A*exp(-r*t)/(v*(1 + A*exp(-r*t))**(1/v + 1))
(a + b*x)**n/(c + d*x)**m | x | (a + b*x)**(n - 1)*(b*n*(c + d*x) - d*m*(a + b*x))/(c + d*x)**(m + 1)
x/(1 + sqrt(x)) | x | (2 + sqrt(x))/(2*(1 + sqrt(x))**2)
log((1 + x**2)/(1 - x**2)) | x | 4*x/(1 - x**4)
sin(x)*sinh(x) | x | cos(x)*sinh(x) + sin(x)*cosh(x)
asin(tanh(x)) | x | 1/cosh(x)
x*log(x + a) - x + a*log(x + a) | x | log(x + a)
cos(log(x))/x | x | -(sin(log(x)) + cos(log(x)))/x**2
(x - 1)*exp(x)/(x + 1) | x | (x**2 + 1)*exp(x)/(x + 1)**2
tanh(x)**n | x | n*tanh(x)**(n - 1)*(1 - tanh(x)**2)
erf(sqrt(x)) | x | exp(-x)/sqrt(pi*x)
x**3*erf(x) | x | 3*x**2*erf(x) + 2*x**3*exp(-x**2)/sqrt(pi)
m*g*h + m*v**2/2 + k*x**2/2 | m | g*h + v**2/2
sqrt(x**2 + h**2)/v1 + sqrt((d - x)**2 + b**2)/v2 | x | x/(v1*sqrt(x**2 + h**2)) - (d - x)/(v2*sqrt((d - x)*\
*2 + b**2))
h*f/(exp(h*f/(k*T)) - 1) | f | h*(exp(h*f/(k*T)) - 1 - h*f*exp(h*f/(k*T))/(k*T))/(exp(h*f/(k*T)) - 1)**2
c*sqrt(1 - (m*c**2/E)**2) | E | m**2*c**5/(E**3*sqrt(1 - (m*c**2/E)**2))
B0/sqrt(1 + (z/z0)**2) | z | -B0*z/(z0**2*(1 + (z/z0)**2)**(3/2))
w0*sqrt(1 + (l*z/(pi*w0**2))**2) | z | l**2*z/(pi**2*w0**3*sqrt(1 + (l*z/(pi*w0**2))**2))
(n1 - n2)**2/(n1 + n2)**2 | n1 | 4*n2*(n1 - n2)/(n1 + n2)**3
k*A**a*B**b | A | a*k*A**(a - 1)*B**b
V*C/(K + C) - V*C0/(K + C0) | K | V*C0/(K + C0)**2 - V*C/(K + C)**2
K*N0*exp(r*t)/(K + N0*(exp(r*t) - 1)) | t | r*K*N0*(K - N0)*exp(r*t)/(K + N0*(exp(r*t) - 1))**2
1/(1 + (K/x)**h) | K | -h*(K/x)**h/(K*(1 + (K/x)**h)**2) | longer
exp(-a*t)*(1 + a*t) | t | -a**2*t*exp(-a*t)
n*log(l) - l*S | l | n/l - S
log(sigmoid(a + b*x)) | b | x*sigmoid(-a - b*x)
lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + x*log(p/(1 - p)) + n*log(1 - p) | p \
| (x - n*p)/(p*(1 - p))
x*exp(-x**2/(2*s**2))/s**2 | x | (1 - x**2/s**2)*exp(-x**2/(2*s**2))/s**2
K*exp(-r*t)*ndtr(-d2) - S*ndtr(-d1) | t | -r*K*exp(-r*t)*ndtr(-d2)
(1 + r/m)**(m*t) | t | m*(1 + r/m)**(m*t)*log(1 + r/m)
log(1 + exp(-y*f)) + l*f**2 | f | 2*l*f - y*sigmoid(-y*f)
log(x)/(x + 1) | x | (1 + 1/x - log(x))/(x + 1)**2
tan(asin(x)) | x | 1/(1 - x**2)**(3/2)
x*erfc(x) - exp(-x**2)/sqrt(pi) | x | erfc(x)
pK + log10(a/(1 - a)) | a | 1/(a*(1 - a)*log(10))
asin(n*l/(2*d)) | l | n/(2*d*sqrt(1 - (n*l/(2*d))**2))
asin(n1*sin(t1)/n2) | t1 | n1*cos(t1)/(n2*sqrt(1 - (n1*sin(t1)/n2)**2))
3*N*k*h/(exp(h/T) - 1) | T | 3*N*k*(h/T)**2*exp(h/T)/(exp(h/T) - 1)**2
t = tan(x/2); f = 2*t/(1 + t**2) | x | cos(x)
t = tan(x/2); f = (1 - t**2)/(1 + t**2) | x | -sin(x)
x**x*(log(x) + 1) | x | x**x*((log(x) + 1)**2 + 1/x)
x*exp(x**2) - x | x | (2*x**2 + 1)*exp(x**2) - 1
2*x*exp(x**2) | x | (4*x**2 + 2)*exp(x**2)
6/(1 - x)**4 | x | 24/(1 - x)**5
y*x**(y - 1) | y | x**(y - 1)*(1 + y*log(x))
x**3*sin(a)**2 + x*cos(a)**2 | x | 3*x**2*sin(a)**2 + cos(a)**2
elu(x) | x | where(x > 0, 1, exp(x))
maximum(q*r, (q - 1)*r) | r | where(r > 0, q, q - 1)
"""

ARRAYS = """
-sum(y*log_softmax(z)) | z | softmax(z)*sum(y) - y
logsumexp(z/t, 0) - z[0]/t | z | (softmax(z/t) - one_hot(0, n))/t
-(u@v)/t + logsumexp(A@u/t, 0) | u | (A.T @ softmax(A@u/t) - v)/t
relu(sum((u - v)**2) - sum((u - x)**2) + a) | u | 2*where(sum((u - v)**2) - sum((u - x)**2) + a > 0, x - v, 0)
sum(exp(u) + v**2 - 1 - u)/2 | v | v
sum(exp(u) + v**2 - 1 - u)/2 | u | (exp(u) - 1)/2
sum((u - v)**2*exp(-x) + x)/2 | x | (1 - (u - v)**2*exp(-x))/2
1 - u@v/sqrt(u@u*(v@v)) | u | ((u@v)*u/(u@u) - v)/sqrt(u@u*(v@v))
sum(u*x/sqrt(mean(x**2) + e)) | x | u/sqrt(mean(x**2) + e) - x*(u@x)/(n*(mean(x**2) + e)**(3/2))
sum(u*(x - mean(x))) | x | u - mean(u)
sum(u*(x - mean(x))/sqrt(mean((x - mean(x))**2) + e)) | x | (u - mean(u) - (x - mean(x))*mean(u*(x - mean(\
x)))/(mean((x - mean(x))**2) + e))/sqrt(mean((x - mean(x))**2) + e)
u@softmax(z/t) | z | softmax(z/t)*(u - u@softmax(z/t))/t
u@softmax(A@x) | x | A.T @ (softmax(A@x)*(u - u@softmax(A@x)))
sum(softmax(z)*log(softmax(z))) | z | softmax(z)*(log_softmax(z) - sum(softmax(z)*log_softmax(z)))
norm(softmax(z) - y)**2/2 | z | softmax(z)*(softmax(z) - y - softmax(z)@(softmax(z) - y))
v@(silu(A@x)*(B@x)) | B | outer(v*silu(A@x), x)
v@silu(A@x) | A | outer(v*sigmoid(A@x)*(1 + A@x*(1 - sigmoid(A@x))), x)
v@gelu(A@x) | x | A.T @ (v*(ndtr(A@x) + A@x*exp(-(A@x)**2/2)/sqrt(2*pi))) | longer
sum(sigmoid(-y*(X@w))) | w | -X.T @ (y*sigmoid(y*(X@w))*sigmoid(-y*(X@w)))
sum(relu(1 - y*(X@w))**2) | w | -2*X.T @ (y*relu(1 - y*(X@w)))
sum(exp(-y*(X@w))) | w | -X.T @ (y*exp(-y*(X@w)))
mean(log(cosh(X@w - y))) | w | X.T @ tanh(X@w - y)/n
sum((X@w - y)**2)/2 + l*sum(abs(w)) | w | X.T @ (X@w - y) + l*sign(w)
sum((y - sigmoid(X@w))**2) | w | -2*X.T @ ((y - sigmoid(X@w))*sigmoid(X@w)*(1 - sigmoid(X@w)))
sum(softmax(Q@K.T/sqrt(d), -1)@V) | V | sum(softmax(Q@K.T/sqrt(d), -1), 0)[:, None]*ones(k, m)
log(det(A@E@B)) | E | inverse(E).T
log(det(X.T@A@X)) | X | A@X@inverse(X.T@A@X) + A.T@X@inverse(X.T@A.T@X)
log(det(E + l*eye(n))) | E | inverse(E + l*eye(n)).T
log(det(A + outer(u, v))) | u | inverse(A + outer(u, v)).T@v
trace(A@E@B@E) | E | A.T@E.T@B.T + B.T@E.T@A.T
trace(A@E@B@E.T) | E | A.T@E@B.T + A@E@B
trace(E@E@E) | E | 3*(E@E).T
trace(inverse(E)@A) | E | -(inverse(E)@A@inverse(E)).T
trace(inverse(A + E)) | E | -(inverse(A + E)@inverse(A + E)).T
u@inverse(E)@v | E | -inverse(E).T@outer(u, v)@inverse(E).T
(x - u)@inverse(A)@(x - u) | A | -inverse(A).T@outer(x - u, x - u)@inverse(A).T | longer
log(det(A)) + (x - u)@inverse(A)@(x - u) | A | inverse(A).T - inverse(A).T@outer(x - u, x - u)@inverse(A).T \
| longer
sum((X@H - Y)**2) | X | 2*(X@H - Y)@H.T
sum((X@H - Y)**2) | H | 2*X.T@(X@H - Y)
sum((A - outer(u, v))**2) | u | -2*(A - outer(u, v))@v
sum((X@X.T - A)**2) | X | 2*(2*X@X.T - A - A.T)@X
sqrt(sum(X**2)) | X | X/sqrt(sum(X**2))
norm(A@X) | X | A.T@A@X/norm(A@X)
trace(X@C) | C | X.T
sum((A@x - y)**2)/sum(x**2) | x | 2*A.T@(A@x - y)/sum(x**2) - 2*x*sum((A@x - y)**2)/sum(x**2)**2
u@(A*outer(x, y))@v | A | outer(u*x, v*y)
trace(kron(A, B)) | A | trace(B)*eye(n)
sum(einsum('ij,jk,kl->il', A, B, E)) | B | outer(sum(A, 0), sum(E, 1))
einsum('i,ij,j', x, A, y) | A | outer(x, y)
einsum('ij,ij', A, B) | A | B
trace(diag(x)@A@diag(x)@B) | x | (A*B.T + A.T*B)@x
sum(diagonal(A@B)) | A | B.T
u@diag(x)@v | x | u*v
u@inverse(diag(x))@v | x | -u*v/x**2
det(A@E@B) | E | det(A@E@B)*inverse(E).T
det(E)**c | E | c*det(E)**c*inverse(E).T
trace(E.T@A@E) | E | (A + A.T)@E
u@E.T@E@v | E | E@(outer(u, v) + outer(v, u))
u@(E@E)@v | E | outer(u, E@v) + outer(E.T@u, v)
norm(x - A@y)**2 | y | -2*A.T@(x - A@y)
sum(inverse(A)@x) | x | sum(inverse(A), 0)
trace((A@E + B).T@(A@E + B)) | E | 2*A.T@(A@E + B)
u@A**3@x | A | 3*A**2*outer(u, x)
log(u@exp(A@x)) | x | A.T@(u*exp(A@x))/(u@exp(A@x))
sum(cumsum(x, 0)**2) | x | 2*flip(cumsum(flip(cumsum(x, 0), 0), 0), 0)
mean((x - mean(x))**2) | x | 2*(x - mean(x))/n
sqrt(mean((x - mean(x))**2)) | x | (x - mean(x))/(n*sqrt(mean((x - mean(x))**2)))
logsumexp(A@x, 0) | x | A.T@softmax(A@x)
norm(u - v)**2/(2*s**2) | u | (u - v)/s**2
u@v/(u@u) | u | (v - 2*u*(u@v)/(u@u))/(u@u)
exp(-sum((x - u)**2)/h) | x | 2*(u - x)*exp(-sum((x - u)**2)/h)/h
log(1 + u@A@u) | u | (A + A.T)@u/(1 + u@A@u)
trace(A@X@X.T) | X | (A + A.T)@X
trace(X.T@X@D) | X | X@(D + D.T)
det(X.T@A@X) | X | det(X.T@A@X)*(A@X@inverse(X.T@A@X) + A.T@X@inverse(X.T@A.T@X))
norm(A@E@B - L)**2 | E | 2*A.T@(A@E@B - L)@B.T
sum((A*E - L)**2) | E | 2*A*(A*E - L)
x@inverse(A + l*eye(n))@x | x | (inverse(A + l*eye(n)) + inverse(A + l*eye(n)).T)@x
sum(silu(A@x + u)) | u | sigmoid(A@x + u)*(1 + (A@x + u)*(1 - sigmoid(A@x + u)))
u@layer_norm(x, [n]) | u | layer_norm(x, [n]) | longer
-sum(log(softmax(z))*y) | z | softmax(z)*sum(y) - y
v@sigmoid(W.T@b) | b | W@(v*sigmoid(W.T@b)*(1 - sigmoid(W.T@b)))
sum(exp(A@x)/sum(exp(A@x))*u) | x | A.T@(softmax(A@x)*(u - u@softmax(A@x)))
mean((y - X@w)**2) + l*(w@w) | w | 2*(l*w - X.T@(y - X@w)/n)
sum(where(y > X@w, a*(y - X@w), (a - 1)*(y - X@w))) | w | -X.T@where(y > X@w, a, a - 1)
log(sum(exp(u*x))) | x | u*softmax(u*x)
sum(maximum(x, 0)**2) | x | 2*maximum(x, 0)
sum(atan(A@x)) | x | A.T@(1/(1 + (A@x)**2))
x@A@x - 2*u@x | x | (A + A.T)@x - 2*u
sum((x - u)**2/v) | x | 2*(x - u)/v
sum((u - A@x)**2)/2 + a*sum(x**2)/2 | x | A.T@(A@x - u) + a*x
sum(X*(A@X)) | X | (A + A.T)@X
log(det(A@A.T + l*eye(n))) | A | 2*inverse(A@A.T + l*eye(n))@A
trace(inverse(A@A.T)) | A | -2*inverse(A@A.T)@inverse(A@A.T)@A
y@inverse(A + l*eye(n))@y | l | -y@inverse(A + l*eye(n))@inverse(A + l*eye(n))@y
sum(softmax(z)**2) | z | 2*softmax(z)*(softmax(z) - sum(softmax(z)**2))
u@log_softmax(z/t) | z | (u - sum(u)*softmax(z/t))/t
t*logsumexp(z/t, 0) - u@z | z | softmax(z/t) - u
mean(abs(X@w - y)) | w | X.T@sign(X@w - y)/n
sum(sqrt((X@w - y)**2 + c**2)) | w | X.T@((X@w - y)/sqrt((X@w - y)**2 + c**2))
sum(where(y*(X@w) > 1, 0, (1 - y*(X@w))**2)) | w | -2*X.T@(y*relu(1 - y*(X@w))) | longer
x@x/2 - u@x + sum(exp(x)) | x | x - u + exp(x)
outer(u, v)@x@y | u | (v@x)*y
trace(A@outer(x, x)) | x | (A + A.T)@x
sum(A@diag(x)@B) | x | sum(A, 0)*sum(B, 1)
norm(A - outer(x, x))**2 | x | 2*(2*(x@x)*x - A@x - A.T@x)
u@tanh(A@tanh(B@x)) | B | outer((A.T@(u*(1 - tanh(A@tanh(B@x))**2)))*(1 - tanh(B@x)**2), x)
u@(x/norm(x)) | x | (u - x*(u@x)/norm(x)**2)/norm(x)
sum(u*(x - mean(x))**2) | x | 2*(u*(x - mean(x)) - mean(u*(x - mean(x))))
x@A@x/2 + v@x | x | (A + A.T)@x/2 + v
v@(x*sigmoid(A@x)) | x | v*sigmoid(A@x) + A.T@(v*x*sigmoid(A@x)*(1 - sigmoid(A@x)))
prod(x)/sum(x) | x | prod(x)*(1/x - 1/sum(x))/sum(x)
det(A)*trace(inverse(A)) | A | det(A)*(trace(inverse(A))*inverse(A) - inverse(A)@inverse(A)).T
norm(x)/(1 + norm(x)) | x | x/(norm(x)*(1 + norm(x))**2)
norm(x - y)/(1 + norm(x - y)) | y | (y - x)/(norm(x - y)*(1 + norm(x - y))**2)
norm(x - y)**2/(1 + norm(x - y)**2) | x | 2*(x - y)/(1 + norm(x - y)**2)**2
norm(x)*exp(-norm(x)) | x | exp(-norm(x))*(1/norm(x) - 1)*x
norm(x)*log(norm(x)) | x | (log(norm(x)) + 1)*x/norm(x)
norm(x)**3/(1 + norm(x)) | x | (2*norm(x) + 3)*norm(x)*x/(1 + norm(x))**2
norm(A@x - y)/(1 + norm(A@x - y)) | x | A.T@(A@x - y)/(norm(A@x - y)*(1 + norm(A@x - y))**2)
sqrt(sum((x - y)**2))*exp(-sqrt(sum((x - y)**2))) | x \
| exp(-sqrt(sum((x - y)**2)))*(1/sqrt(sum((x - y)**2)) - 1)*(x - y)
norm(x/norm(x) - y)**2 | x | 2*(x*(x@y)/norm(x)**2 - y)/norm(x)
norm(x/norm(x) - u/norm(u))**2 | x | 2*(x*(u@x)/norm(x)**2 - u)/(norm(u)*norm(x))
log(sum((x - y)**2)*sum((u - v)**2)) | x | 2*(x - y)/sum((x - y)**2)
1/(sum((x - y)**2)*sum((u - v)**2)) | x | 2*(y - x)/(sum((u - v)**2)*sum((x - y)**2)**2)
u@v/(sum((x - y)**2)*sum((u - v)**2)) | u \
| (v + 2*(u@v)*(v - u)/sum((u - v)**2))/(sum((u - v)**2)*sum((x - y)**2))
norm(A@x)**2/norm(x)**2 | x | 2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4
sum(x**2/(1 + x**2)) | x | 2*x/(1 + x**2)**2
exp(mean(log(x))) | x | exp(mean(log(x)))/(n*x)
u@outer(x, x)@u | x | 2*u*(u@x)
mean(relu(1 - y*(X@w))) + l*(w@w) | w | 2*l*w - X.T@where(y*(X@w) < 1, y, 0)/n
cosine_similarity(x, u, 0) | x | (u - x*(u@x)/norm(x)**2)/(norm(u)*norm(x))
binary_cross_entropy(sigmoid(x), sigmoid(u)) | x | (sigmoid(x) - sigmoid(u))/n
huber_loss(x, y, delta=2) | x | where(abs(x - y) < 2, x - y, 2*sign(x - y))/n
trace(A@B)/trace(A) | A | B.T/trace(A) - trace(A@B)*eye(n)/trace(A)**2
u@diagonal(A.T@B@A)*c | B | c*A@diag(u)@A.T
sum((A@diag(x)@A.T)*B) | x | diagonal(A.T@B@A)
logdet(X.T@diag(u)@X) | u | diagonal(X@inverse(X.T@diag(u)@X)@X.T)
sum(sum(A, 1)*u) | A | outer(u, ones(n))
sum(tril(A)**2) | A | 2*tril(A)
x[:-1]@x[1:]/(x@x) | x | (pad(x[:-1], (1, 0)) + pad(x[1:], (0, 1)) - 2*x*(x[:-1]@x[1:])/(x@x))/(x@x)
u@v*norm(x, 4) | x | (u@v)*x**3/sum(x**4)**(3/4)
log(mean(exp(a*x)))/a | x | softmax(a*x)
log(x@x/n)/n + log(u@x) | x | 2*x/(n*(x@x)) + u/(u@x)
logdet(A) - n*log(trace(A)/n) | A | inverse(A).T - n*eye(n)/trace(A)
(x - mean(x))@(y - mean(y))/sqrt(sum((x - mean(x))**2)*sum((y - mean(y))**2)) | y \
| (x - mean(x) - (y - mean(y))*((x - mean(x))@(y - mean(y)))/sum((y - mean(y))**2))/sqrt(sum((x\
 - mean(x))**2)*sum((y - mean(y))**2))
mean((x - mean(x))**4)/mean((x - mean(x))**2)**2 | x | 4*((x - mean(x))**3 - mean((x - mean(x))**3) - (x - \
mean(x))*mean((x - mean(x))**4)/mean((x - mean(x))**2))/(n*mean((x - mean(x))**2)**2)
sum(x*log(x)) - sum(x)*log(sum(x)) | x | log(x) - log(sum(x))
norm(x - u*(u@x)/(u@u))**2 | x | 2*(x - u*(u@x)/(u@u))
y@X@inverse(X.T@X)@X.T@y | y | 2*X@inverse(X.T@X)@X.T@y
"""
