"""C's functions by the language's names, the helpers that C lacks, and the words that no name may be."""

from __future__ import annotations

FUNCTIONS = {
    **{
        name: name
        for name in (
            *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *(
                "atan2",
                "exp",
                "exp2",
                "expm1",
                "log",
                "log2",
                "log10",
                "log1p",
                "sqrt",
                "pow",
                "hypot",
                "erf",
            ),
            *("erfc", "lgamma", "floor", "ceil", "trunc", "fmax", "fmin", "fmod", "copysign", "logaddexp"),
            *(
                "sigmoid",
                "softplus",
                "relu",
                "rsqrt",
                "silu",
                "sign",
                "xlogy",
                "xlog1py",
                "digamma",
                "ndtr",
                "logit",
                "isnan",
                "isinf",
                "isfinite",
            ),
        )
    },
    "polygamma": "polygamma",
    "ndtr": "ndtr",
    "logit": "logit",
    "sinc": "sinc",
    "floor_divide": "floor_divide",
    "gamma": "tgamma",
    "abs": "fabs",
    "round": "rint",
    "maximum": "fmax",
    "minimum": "fmin",
    "sgn": "sign",
}
"""What C has for an elementwise function of the language; some of them are helpers below."""

HELPERS = {
    "room": """static double *room(size_t count)
{
    double *memory = count < (size_t)-1/16 ? malloc((count ? count : 1)*sizeof *memory) : NULL;
    if (!memory)
        abort();
    return memory;
}
""",
    "sign": """static double sign(double x)
{
    return (x > 0.0) - (x < 0.0);
}
""",
    "sigmoid": """static double sigmoid(double x)
{
    return x < 0.0 ? exp(x)/(1.0 + exp(x)) : 1.0/(1.0 + exp(-x));
}
""",
    "softplus": """static double softplus(double x)
{
    return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}
""",
    "logaddexp": """static double logaddexp(double x, double y)
{
    const double top = fmax(x, y);
    return isinf(top) ? top : top + log1p(exp(fmin(x, y) - top));
}
""",
    "sinc": """static double sinc(double x)
{
    const double turned = acos(-1.0)*x;
    return x == 0.0 ? 1.0 : sin(turned)/turned;
}
""",
    "floor_divide": """static double floor_divide(double x, double y)
{
    return floor(x/y);
}
""",
    "rsqrt": """static double rsqrt(double x)
{
    return 1.0/sqrt(x);
}
""",
    "relu": """static double relu(double x)
{
    return x > 0.0 ? x : 0.0;
}
""",
    "silu": """static double silu(double x)
{
    return x < 0.0 ? x*exp(x)/(1.0 + exp(x)) : x/(1.0 + exp(-x));
}
""",
    "xlogy": """static double xlogy(double x, double y)
{
    return x == 0.0 && !isnan(y) ? 0.0 : x*log(y);
}
""",
    "xlog1py": """static double xlog1py(double x, double y)
{
    return x == 0.0 && !isnan(y) ? 0.0 : x*log1p(y);
}
""",
    "ndtr": """static double ndtr(double x)
{
    return 0.5*erfc(-x/sqrt(2.0));
}
""",
    "logit": """static double logit(double x)
{
    return log(x/(1.0 - x));
}
""",
    "digamma": """static double digamma(double x)
{
    double sum = 0.0;
    if (x <= 0.0)
        return digamma(1.0 - x) - acos(-1.0)/tan(acos(-1.0)*x);
    for (; x < 10.0; x += 1.0)
        sum -= 1.0/x;
    const double y = 1.0/(x*x);
    return sum + log(x) - 0.5/x
        - y*(1.0/12 - y*(1.0/120 - y*(1.0/252 - y*(1.0/240 - y*(1.0/132 - y*(691.0/32760 - y/12))))));
}
""",
    "polygamma": """static double polygamma(double order, double x)
{
    double sum = 0.0, factorial = tgamma(order), sign = fmod(order, 2.0) == 1.0 ? 1.0 : -1.0;
    const double numbers[] = {1.0/6, -1.0/30, 1.0/42, -1.0/30, 5.0/66, -691.0/2730, 7.0/6};
    for (; x < 20.0; x += 1.0)
        sum += factorial*order*pow(x, -order - 1.0);
    sum += factorial*pow(x, -order) + factorial*order*pow(x, -order - 1.0)/2.0;
    for (int k = 0; k < 7; k++)
        sum += numbers[k]*tgamma(2.0*k + order + 2.0)/tgamma(2.0*k + 3.0)*pow(x, -2.0*k - order - 2.0);
    return sign*sum;
}
""",
    "solved": """/* by Gauss: right becomes the solution of matrix*x = right; gives the determinant */
static double solved(size_t n, size_t columns, const double *matrix, double *right)
{
    double *a = room(n*n), determinant = 1.0;
    for (size_t i = 0; i < n*n; i++)
        a[i] = matrix[i];
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i*n + k]) > fabs(a[pivot*n + k]))
                pivot = i;
        if (pivot != k) {
            determinant = -determinant;
            for (size_t j = 0; j < n; j++) {
                const double value = a[k*n + j];
                a[k*n + j] = a[pivot*n + j];
                a[pivot*n + j] = value;
            }
            for (size_t j = 0; j < columns; j++) {
                const double value = right[k*columns + j];
                right[k*columns + j] = right[pivot*columns + j];
                right[pivot*columns + j] = value;
            }
        }
        determinant *= a[k*n + k];
        if (a[k*n + k] == 0.0 && columns == 0)
            break;
        for (size_t i = k + 1; i < n; i++) {
            const double factor = a[i*n + k]/a[k*n + k];
            for (size_t j = k; j < n; j++)
                a[i*n + j] -= factor*a[k*n + j];
            for (size_t j = 0; j < columns; j++)
                right[i*columns + j] -= factor*right[k*columns + j];
        }
    }
    for (size_t k = n; columns && k-- > 0;)
        for (size_t j = 0; j < columns; j++) {
            for (size_t i = k + 1; i < n; i++)
                right[k*columns + j] -= a[k*n + i]*right[i*columns + j];
            right[k*columns + j] /= a[k*n + k];
        }
    free(a);
    return determinant;
}
""",
}
"""Helpers, in the order in which they stand above the function."""

RESERVED = {
    *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum"),
    *("extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return"),
    *("short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void"),
    *("volatile", "while", "main", "malloc", "free", "abort", "abs", "size_t", "value", "NULL"),
    *("gamma", "tgamma", "j0", "j1", "jn", "y0", "y1", "yn", "ldexp", "frexp", "modf", "remainder", "cbrt"),
    *("nan", "exp", "pow", "rint", "fabs", "isnan", "isinf", "isfinite", "div", "signal", "I"),
    *("HUGE_VAL", "INFINITY", "NAN"),
}
"""C's words, and names of its library that a parameter would hide or clash with."""
