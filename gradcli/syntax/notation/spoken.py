"""What a line says in words: they ask for what is shown anyway, stand for signs, or ask for other things.

`gradcli.syntax.notation.line` looks here before it takes a line apart.
"""

from __future__ import annotations

import re

from gradcli.errors import syntax_error
from gradcli.syntax.notation.pieces import Correction
from gradcli.syntax.notation.words import FUNCTIONS

_ELSE = (
    r"^(?!.*\b(?:else|for)\b)([^;:\[]*[\w)\]²³])\s+(?:if|when)\s+([^;:=<>≤≥]*(?:[<>≤≥]=?|==)[^;:]*?)"
    r"\s*(?=$|\b(?:at|where)\b)"
)
PHRASES = (
    (
        "",
        (
            r"[∫∬∭∮]|\b(?:integral|integrate|antiderivative)\b(?!\s*\()|^\s*int\s+\w|[\w)](?<!/d\w)\s+d[a-z]\s*$"
            r"|\bN?Integrate\s*\[|\b(?:fnInt|quad|int)\s*\([^\"']+,\s*[a-zA-Z0]\b|\barea\s+under\b"
        ),
        "integrals are not computed here",
        "gradcli diff 'x^2' gives the derivative",
    ),
    (
        "^",
        r"(?<=[\w)\]])\s*\^\s*(?:T|\{\s*(?:T|\\top)\s*\}|\\top)\s+(?=[^\W\d])(?!(?:at|where|if|and|or)\b)",
        "a transpose is no power here",
        "write x.T @ A @ x: .T transposes, @ multiplies matrices",
    ),
    ("⁻", r"⁻ᵀ|⁻⊤", "the transpose of an inverse has no sign here", "write inverse(A).T"),
    ("⊗", "⊗", "the product of Kronecker is a function here", "write kron(A, B)"),
    (
        "",
        r"\blim(?:it)?(?:_|\b(?!\s*\())|\blim(?:it)?\s*\(\s*\w+\s*(?:->|→)|\bLimit\s*\[|\bas\s+\w+\s*(?:->|→)",
        "limits are not computed here",
        "try a point nearby: 'sin(x)/x' -s x=1e-6",
    ),
    (
        "",
        r"(?:[∑Σ∏Π]|\b(?:sum|prod))_|[∑Σ∏Π]\s*\(\s*\w\s*=|\bin\s+-?\d+\s*\.\.+\s*-?\d+\s*[\])]",
        "a sum or product over numbers has a list of them",
        "write sum([i^2 for i in range(1, 11)])",
    ),
    (
        "",
        (
            r"(?:[∑Σ∏Π]|\b(?:sum|prod|product))\s*\(?(?:[^()]*,)?\s*(?:from\s+)?\w\s*=\s*-?\d+\s*(?:\.\.|to\b|…)"
            r"|\b(?:Sum|Product|Table)\s*\[|\bseq\s*\(|\b(?:sum|prod)\s*\(\s*-?\d+\s*(?::|\.\.+)\s*\w+\s*\)"
            r"|\bin\s+-?\d+\s*:\s*\w+\s*[\])]"
        ),
        "a sum or product over numbers has a list of them",
        "write sum([i^2 for i in range(1, 11)])",
    ),
    (
        "=",
        r"(?:^|;)\s*(?:let|const|var|set|define)\s+[^\W\d]\w*\s*:?=(?!=)",
        "no word stands before a name that is assigned",
        "write x = 3; x^2, or x^2 at x=3",
    ),
    (
        "",
        (
            r"(?:^|;)\s*[^\W\d]\w*\s*<-\s*[\w.]+\s*(?:;|$)"
            r"|(?:^|;)\s*[^\W\d]\w*\s*:=(?!\s*(?:\w+|\([\w,\s]+\))\s*(?:->|→|↦|=>))"
        ),
        "a name is assigned with =",
        "write x = 3; x^2, or x^2 at x=3",
    ),
    (
        "%",
        r"(?:%%|%\*%|%/%)(?!.*[\"'])",
        "signs of R are others here",
        "write x % 3 for %%, x // 3 for %/%, x @ y for %*%",
    ),
    (
        "=",
        r"([\w)\]])\s*=>\s*(?=-?[\d.]+\s*(?:$|at\b|where\b))|=<(?!.*[\"'])",
        "this is no comparison",
        "write >= or <=",
    ),
    (
        "/1",
        r"([\w.]+|\([^()]*\))\s*(?:\^|\*\*)\s*1\s*/\s*(\d+)(?![\w.])",
        "this power can be read in two ways",
        r"write \1^(1/\2) or \1/\2",
    ),
    ("./", r"/\.\s*\{?\s*\w+\s*(?:->|→)", "a value is given behind the line", "write x^2 at x=3"),
    (
        "=",
        r"(?:^|;)\s*(?:(?:with|for|given|suppose|assume)\s+\w+\s*=\s*-?[\d.]+\s*[:,]|\w+\s*=\s*-?[\d.]+\s*:\s*[^\W\d(])",
        "a value is given behind the line",
        "write x^2 at x=3",
    ),
    (
        "",
        r"^\s*-?[\d.]+\s*(?:->|→)\s*[^\W\d]",
        "a name is assigned with =",
        "write x = 3; x^2, or x^2 at x=3",
    ),
    (
        "",
        r"\w\[\s*\w+_\s*[\],]|=\s*@\s*\(|(?:<-|=)\s*function\s*\(",
        "a function is written with its name",
        "write f(x) = x^2; f(3)",
    ),
    ("∘", "∘", "functions are composed by calling one with another", "write f(g(x))"),
    (
        "\\",
        r"^\s*[\w.]+\s*\\\s*\w\s*$",
        "a system of equations is solved by a function",
        "write linalg.solve(A, b)",
    ),
    (
        ";",
        r"\b([^\W\d]\w*)\s*\(\s*(-?\d+),(\d+)\s*;\s*([^();]+)\)",
        "what a function is given stands between commas",
        r"write \1(\2.\3, \4)",
    ),
    (
        ";",
        r"\b([^\W\d]\w*)\s*\(\s*([^()\[\],;'\"]+);\s*([^()\[\],;'\"]+)\)",
        "what a function is given stands between commas",
        r"write \1(\2, \3)",
    ),
    (
        "nr",
        r"(?<![\w.])(\w+)\s+n([CP])r\s+(\w+)\b",
        "combinations and permutations are functions here",
        r"write n\2r(\1, \3)",
    ),
    (
        "/df",
        (
            r"^\s*(?:(?i:find|compute|what\s+is|give)\s+)?(d([a-z])/d[a-z])\s+(?:of|for|if)\s+"
            r"(\2\s*=(?!=).+?)(?=\s+(?:at|when)\b|$)"
        ),
        "a formula stands before what is asked of it",
        r"write \3; \1",
    ),
    ("", _ELSE, "what is it otherwise?", r"write \1 if \2 else 0"),
    (
        "h",
        r"\bif\b.*\bthen\b|\botherwise\b",
        "a choice is written otherwise here",
        "write x^2 if x > 0 else 0",
    ),
    (
        "deg",
        r"(?<=[\w)\]])\s+(?:deg|degrees?)\b",
        "angles are in radians here",
        "write deg2rad(x), or 30° behind a number",
    ),
    (
        "o",
        r"\bsolve\b(?!\s*\()|\b(?:N?D?Solve|FindRoot)\s*\[|\b(?:fzero|dsolve|uniroot)\s*\(|\b(?:zeros|roots)\s+of\b",
        "equations are not solved here",
        "a step of Newton's method towards f(x) = 0 is: f = x^2 - 4; x - f/grad(f, x)",
    ),
    (
        "",
        (
            r"^\s*(?:find\s+)?(?:the\s+)?(?:minimi[sz]e|maximi[sz]e|optimi[sz]e|argmin|argmax"
            r"|(?:min(?:imum)?|max(?:imum)?|extrema|(?:critical|stationary|inflection)\s+points?)\s+of)\s+[\w(]"
        ),
        "nothing is minimised by itself here",
        "a step downhill is: y = x^2; x - 0.1*grad(y, x)",
    ),
    (
        "an",
        r"^\s*(?:the\s+)?(?:tangent|normal)(?:\s+line)?\s+(?:of|to|at)\s+(?:the\s+(?:graph|curve)\s+(?:of\s+)?)?(.+)$",
        "a line is known by a point, whose height is the value, and its slope, which is the derivative",
        r"write \1",
    ),
    (
        "r",
        r"^\s*(?:the\s+)?(?:taylor|maclaurin|power)\s+(?:(?:series|expansion|polynomial)\b|(?=[\w(]+\())",
        "series are not written out here",
        "gradcli eval 'sin(x)' --order 3 -s x=0 gives the derivatives, each a coefficient times n!",
    ),
    (
        "h",
        r"^\s*(?:the\s+)?hessian\s+(?:matrix\s+)?(?:of\s+)?[\w]",
        "a Hessian is asked for by an option",
        "gradcli eval 'x^2*y' --hessian -s x=1 -s y=2",
    ),
    (
        "b",
        r"^\s*(?:the\s+)?jacobian\s+(?:matrix\s+)?(?:of\s+)?[\w\[]",
        "a Jacobian is asked for by an option",
        "gradcli eval 'x*y, x + y' --jacobian -s x=1 -s y=2",
    ),
    (
        "=ad",
        r"^\s*[^\W\d]\w*\s*=\s*-?[\w.]+\s+and\s+[^\W\d]\w*\s*=(?!=)",
        "statements stand apart by ;",
        "write x = 2; y = 3; x*y",
    ),
    (
        "",
        r"^\s*(?:plot|graph|draw)\s+(?=[\w(])(?:y\s*=\s*)?([^;']+?)\s*(?:$|\b(?:from|for|between|over|on)\b.*$)",
        "curves are drawn by another command",
        r"gradcli plot '\1' --range x=-2:2",
    ),
    (
        "",
        r"^\s*(?:simplify|expand|factor|factori[sz]e)\s+(?=[\w(])([^;']+)$",
        "formulas are not rearranged here",
        r"gradcli diff '\1' shows a short derivative",
    ),
    (
        ":",
        r"(?:^|;)\s*-?[\w.]+\s*:\s*[\d.]+\s*$",
        "a quotient is written with /",
        "write x/2",
    ),
    *(
        (needed, pattern, "the derivative is written d/dx", hint)
        for needed, pattern, hint in (
            ("D", r"\bD\s*\[([^{}]+),\s*\{\s*(\w+)\s*,\s*(\d)\s*\}\s*\]", r"write d^\3/d\2^\3 (\1)"),
            ("D", r"\bD\s*\[((?:[^{},\[\]]|\[[^\[\]]*\])+),\s*(\w+)\s*\]", r"write d/d\2 (\1)"),
            ("$", r"\bdiff\s*\(([^()]+),\s*(\w)\$(\d)\s*\)", r"write diff(\1, \2, \3)"),
            ("D", r"\bDerivative\s*\(([^,]+),\s*(\w)\s*\)", r"write d/d\2 (\1)"),
            (".df", r"(\w+|\([^()]+\))\.diff\(\s*([a-mo-z])\s*\)", r"write d/d\2 (\1)"),
            (",.p", r"\b(?:sp|sympy)\.diff\s*\(([^,]+),\s*(\w)\s*\)", r"write d/d\2 (\1)"),
            ("v", r"\bn[dD]eriv\w*\s*\(([^,]+),\s*(\w)\s*,\s*([^(),]+)\)", r"write d/d\2 (\1) at \2=\3"),
            (
                ">",
                r"\b(?:\w+\.)?(?:derivative|gradient|grad)\s*\(\s*(\w)\s*->\s*([^,]+),\s*([^(),]+)\)",
                r"write d/d\1 (\2) at \1=\3",
            ),
            (
                ":",
                r"\b(?:\w+\.)?grad\s*\(\s*lambda\s+(\w)\s*:\s*(.+)\)\s*\(\s*([^()]+)\)",
                r"write d/d\1 (\2) at \1=\3",
            ),
            (
                ",df",
                r"\bdiff\s*\(([^(),]+),\s*(?:\w\s*,\s*)?(\w)\s*=\s*([\w.]+)\s*\)",
                r"write d/d\2 (\1) at \2=\3",
            ),
            ("|", r"\bd/d(\w)\s*\|_?\{?\s*(\w+\s*=\s*[\w.]+)\s*\}?\s*(.+)", r"write d/d\1 (\3) at \2"),
            ("()/", r"[d∂](\w)/[d∂](\w)\s*\(\s*(-?[\d.]+)\s*\)", r"write d\1/d\2 at \2=\3"),
            ("),/", r"[d∂](\w)/[d∂](\w)\s*\(\s*-?[\d.]+\s*,[^()]*\)", "write ∂f/∂x at x=2, y=3"),
            ("D", r"\bD\s*\[|\bD[a-z]\s+[\w(]", "write d/dx (x^2)"),
        )
    ),
    (
        "b",
        r"\bsubs\s*\((.+),\s*(\w)\s*=\s*([\w.]+)\s*\)\s*$",
        "a value is given behind the line",
        r"write \1 at \2=\3",
    ),
    (
        "",
        r"(?:^|;)\s*syms?\s+\w|\b(?:symbols|Symbol|syms?|var|Variable)\s*\(\s*['\"]",
        "names need not be declared: what has no value is set from outside",
        "write x^2 at x=3",
    ),
    (
        "/=d",
        r"(\b([^\W\d]\w*)\s*=[^;=,]+?)\s*[,\s]\s*(?:find\s+)?(d\2/d\w)(?=\s*(?:$|at\b))",
        "a formula stands before what is asked of it",
        r"write \1; \3",
    ),
    (
        "/d",
        r"^\s*(d(\w)/d\w+)\s*(?:,\s*(?:where\s+)?|\s(?:(?:of|if)\s+)?)(\2\s*=(?!=)[^,;]+)",
        "a formula stands before what is asked of it",
        r"write \3; \1",
    ),
    (
        ":if",
        r"^\s*if\s+([^:;]+):\s*(?!(?:print|pass|assert|raise|return|del)\b)([^:;=]*[^:;=\s])\s*$",
        "what is it otherwise?",
        r"write \2 if \1 else 0",
    ),
    (
        ",;",
        r"^[^;={}]+,[^;,]*[<>≤≥][^;,]*;[^;={}]+,[^;,]*[<>≤≥][^;,]*$",
        "a choice is written otherwise here",
        "write x^2 if x > 0 else 0",
    ),
    (
        "/=d",
        r"^\s*d\w/d\w\s*=(?!=)\s*[^\s?]",
        "the derivative is what comes out; what has one is given",
        "write y = x^2; dy/dx",
    ),
    (
        ",",
        r"^\s*if\s*\(([^(),]+),([^(),]+),([^(),]+)\)\s*$|\{\s*([^{}:,]+[<>][^{}:,]*):([^{}:,]+),([^{}:,]+)\}",
        "a choice by a condition is where",
        r"write where(\1\4,\2\5,\3\6)",
    ),
    (
        ":",
        r"^\s*if\s+([^:]+):\s*([^:;=]+?)\s*;?\s*else\s*:\s*([^:;=]+)$",
        "a choice is written otherwise here",
        r"write \2 if \1 else \3",
    ),
    (
        "{:}",
        r"\{(?![^{}]*(?:[\"']|\bfor\b))(?:[^{}]*[<>≤≥][^{}]*:|[^{}]*:[^{}]*[<>≤≥])[^{}]*\}",
        "a choice is written otherwise here",
        "write x^2 if x > 0 else 0",
    ),
    (
        "for",
        r"^\s*([^\s\[({=;][^\[({=;]*?)\s+for\s+(\w+)\s+in\s+(range\([^()]*\)|\[[^\[\]]*\])\s*$",
        "several values are a list",
        r"write [\1 for \2 in \3]",
    ),
    (
        ">",
        r"(?<=[(,])\s*(\w+)\s*->\s*([^(),]+)",
        "a function without a name is a lambda",
        r"write lambda \1: \2",
    ),
    (
        ":",
        r"(?<==)(\s*)(-?\d+)\s*:\s*(-?\d+)\s*(?=;|$)",
        "a range is a function here",
        r"write \1arange(\2, \3 + 1)",
    ),
    (
        "°",
        r"(\d+)\s*°\s*(\d+(?:\.\d+)?)\s*['′’]",
        "a degree has 60 minutes",
        r"write (\1 + \2/60)°",
    ),
    ("°", r"°\s*[CF]\b", "temperatures have no units here", "write (72 - 32)*5/9"),
    (
        "is",
        (
            r"^\s*(?:is\s+)?(?:the\s+)?derivative\s+of\s+(?!.*\b(?:at|when|where|if|for)\s+\w+\s+is\b)"
            r"[^;]*?\s(?:is|equals)\s+(?!(?:None|not)\b)"
        ),
        "whether a derivative is right is asked of another command",
        "gradcli check 'y = x^2' --claim 'dy/dx = 2*x'",
    ),
    ("↑", "↑", "a power is written with ^", "write x^2"),
    ("", "[±∓]", "this sign is two values", "write (1 + x, 1 - x)"),
    (
        "",
        r"\b(?:disp|printf|println|puts)\s*\(|^\s*(?:echo|puts|disp|println)\s+[\w(]",
        "the value of a line is shown, and others by print",
        "write print(x^2)",
    ),
    (
        "npr",
        r"^\s*print\s+(?!\()([^;\"']+?)\s*$",
        "print needs brackets around what it is given",
        r"write print(\1)",
    ),
    (
        "",
        r"\s(?:%|//)\s*[A-Za-z]+(?:\s+[A-Za-z]+)+\s*$|;\s*(?:%|//)",
        "a comment begins with #",
        "write x^2  # as here",
    ),
    (
        "%",
        r"([\d.]+)\s*%\s+off\s+([\w.]+)",
        "words are no operators here",
        r"write \2*(1 - \1%)",
    ),
    (
        ")gl",
        r"\blog\s*\[\s*(\w+)\s*\]\s*\(([^()]+)\)|\blogbase\s*\(([^(),]+),([^(),]+)\)",
        "the base of a logarithm is its second argument",
        r"write log(\2\4, \1\3)",
    ),
    ("glo", r"\blog\s+(\d+)\s+(\d+)\b", "which is the base?", r"write log(\1, \2) or log(\2, \1)"),
    (
        ")-1",
        r"\b(sin|cos|tan|sinh|cosh|tanh)-1\s*\(([^()]*)\)",
        "the inverse of a function has a name of its own",
        r"write a\1(\2)",
    ),
    (
        "",
        r"^\s*(\d+)([CP])(\d+)\s*$",
        "combinations and permutations are functions here",
        r"write n\2r(\1, \3)",
    ),
    ("()", r"\b(?:pi|PI|Pi)\s*\(\s*\)", "pi is a number, and is not called", "write pi"),
    (
        "",
        r"(?:=|\bin|\bfrom)\s*-?\d+\s*(?:\.\.+|…|to|until)\s*-?\d+\s*$",
        "a line is run at one value",
        "give several values as a list, or draw it: gradcli plot 'x^2' --range x=1:3",
    ),
    (
        "h",
        r"(\w+|\([^()]*\))\s+choose\s+(\w+|\([^()]*\))",
        "choose is a function here",
        r"write choose(\1, \2)",
    ),
    ("lpr", r"^\s*partial\s+(?!derivative)[\w(]", "how far does it reach?", "write d/dx (x^2*y)"),
    (
        "∇",
        r"∇\s*²|∇\s*\^\s*2",
        "the Laplacian has no name of its own",
        "write trace(hessian(z, x)) with z = x^2",
    ),
    ("(/d", r"\bd²?\^?2?\s*/\s*\(\s*d", "no bracket stands below a derivative", "write d²/dxdy (x*y)"),
    (
        "/d",
        r"(?:^|[;=+*/(]\s*)(?:d\s+[\w(]+\s*(?:\^|\*\*)?\s*\d*|d[a-z]\s*(?:\^|\*\*)\s*\d)\s*/\s*d[a-z]\b",
        "what is differentiated?",
        "write d/dx (x^2)",
    ),
    (
        "",
        r"^\s*(?:help|quit|exit|\?)\s*(?:\(\s*\))?\s*$",
        "this is a program of one line, and no prompt",
        "gradcli eval --help tells how it is called, gradcli functions what there is",
    ),
)
"""What no reading has, mostly in words: a pattern, with characters that it cannot do without, so that few of
them are compiled for a line; what is wrong, and what to type with parts of it."""

_VALUE = r"(?:(?:[^\W\d]\w*)?\([^()]*\)|[\w.]+)"
_RAISED = rf"{_VALUE}(?:(?:\^|\*\*)[\w.]+)?"
_NAMED = "|".join(sorted((each for each in FUNCTIONS if each.isascii()), key=len, reverse=True))

SPOKEN = tuple(
    (pattern.replace("VALUE", f"({_VALUE})").replace("RAISED", f"({_RAISED})"), written)
    for pattern, written in (
        (r"VALUE\s+squared\b", r"\1^2"),
        (r"VALUE\s+cubed\b", r"\1^3"),
        (r"\b(?:the\s+)?(?:cube|cubic|third|3rd)\s+(?:root|sqrt)\s+of\s+RAISED", r"cbrt(\1)"),
        (r"\b(?:the\s+)?(?:square\s+)?(?:root|sqrt)\s+of\s+RAISED", r"sqrt(\1)"),
        (r"\b(?:the\s+)?(?:absolute\s+value|modulus|magnitude)\s+of\s+RAISED", r"abs(\1)"),
        (r"\b(?:the\s+)?natural\s+log(?:arithm)?\s+(?:of\s+)?RAISED", r"ln(\1)"),
        (r"\blog(?:arithm)?\s+(?:to\s+)?(?:the\s+)?base\s+(\w+)\s+(?:of\s+)?VALUE", r"log(\2, \1)"),
        (r"\blog(?:arithm)?\s+(?:of\s+)?VALUE\s+(?:to\s+)?(?:the\s+)?base\s+(\w+)", r"log(\1, \2)"),
        (rf"\b(?:the\s+)?({_NAMED})\s+of\s+RAISED", r"\1(\2)"),
        (r"\b(?:the\s+)?(sin|cosin)e\s+(?:of\s+)?RAISED", lambda found: f"{found[1][:3]}({found[2]})"),
        (r"\b(?:the\s+)?tangent\s+(?:of\s+)?(?!(?:to|line|at)\b)RAISED", r"tan(\1)"),
        (r"\b(?:the\s+)?(sum|mean|average|product|norm|square)\s+of\s+RAISED", r"\1(\2)"),
        (r"\barc\s+(sin|cos|tan)", r"arc\1"),
        (r"VALUE\s+div\s+VALUE", r"\1 // \2"),
        (r"VALUE\s+(?:raised\s+)?to\s+the\s+(?:power\s+)?(?:of\s+)?VALUE(?:\s+power)?", r"\1^\2"),
        (r"VALUE\s+(?:raised\s+)?to\s+power\s+(?:of\s+)?VALUE", r"\1^\2"),
        (r"(?<=[\w)])\s+plus\s+(?=[\w(])", " + "),
        (r"(?<=[\w)])\s+minus\s+(?=[\w(])", " - "),
        (r"(?<=[\w)])\s+(?:times|multiplied\s+by)\s+(?=[\w(])", "*"),
        (r"(?<=[\w)])\s+(?:over|divided\s+by)\s+(?=[\w(])", "/"),
        (r"\btwice\s+VALUE", r"2*\1"),
        (r"\bhalf\s+(?:of\s+)?VALUE", r"\1/2"),
        (r"(?<=\d)\s+percent\b", "%"),
    )
)
"""Words that stand for signs: a pattern, and what is written in their place.

They are compiled for a line with a word in it: that takes longer than to read most lines.
"""

_WORD = re.compile(r"[^\W\d]{2}\s|\s[^\W\d]{2}")
"""A blank beside letters, which each of these patterns asks for."""

_ASKING = (
    r"(?:(?:please|can\s+you|could\s+you|i\s+want)\s+)*"
    r"(?:(?:evaluate|compute|calculate|eval|find|show|determine|give(?:\s+me)?|how\s+much\s+is|what\s+is|what['’]s)"
    r"\s+)?(?:the\s+)?(?=[\w(√|∂])"
)
_ORDERS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
    "sixth": 6,
    "6th": 6,
}
_PREFIX = re.compile(
    rf"\s*(?:{_ASKING})?(?:(?:the\s+)?(?:value|result)\s+of\b"
    rf"|(?:the\s+)?(?:(?P<order>{'|'.join(_ORDERS)})(?:[\s-]+order)?\s+)?(?:(?:partial|total)\s+)?"
    r"(?:derivatives?|gradient|slope(?:\s+of\s+(?:the\s+)?tangent(?:\s+line)?)?|diff|grad|differential"
    r"|rate\s+of\s+change)\s+(?:of|to)\b(?:\s+the\s+(?:curve|graph|function|line)\b)?"
    r"|(?:ableitung\s+von|d[ée]riv[ée]e\s+de|derivada\s+de|derivata\s+di)\b"
    r"|(?:differentiate|derive|derivative|gradient|deriv|diff|grad)\b(?=\s+[\w(|√∛∑]|\s+[-−](?=\S))(?!\s*\([^()]*,)"
    r"|∇(?!\s*[·⋅×.*²^]))?\s*",
    re.IGNORECASE,
)
"""Words before a line that ask for what is shown of it anyway: its value, its derivatives by everything."""

_BY = re.compile(
    r"(?<=[\w)\]²³|])\s+(?:with\s+respect\s+to|by|wrt|w\.\s?r\.\s?t\.?)\s+([^\W\d]\w*(?:\s*(?:,|and)\s*[^\W\d]\w*)*)"
    r"(?=\s*(?:$|\?|=\s*\??\s*$|\bat\b|\bwhere\b|\bwhen\b|\bfor\b|\|))"
)
"""Words behind it that say what it is differentiated by."""

_SUFFIX = re.compile(r"(?<![=!<>:+\-*/%^@])=\s*\??\s*$|(?<=[\w)\]²³])\s*\?\s*$")
"""The sign behind a line that asks for its value, as on a pocket calculator."""


class Spoken:
    """A line without the words that ask for what is shown anyway; all else stays in its place.

    Attributes:
        asked: the keyword arguments of `evaluate` that those words stand for.
        point: the words ask for a derivative, so numbers that a function is given are where.
    """

    def __init__(self, line: str, taken: frozenset[str]) -> None:
        _refuse(line, taken)
        self.asked: dict[str, object] = {}
        begin = max(line.rfind(";") + 1, 0)
        found = _PREFIX.match(line, begin)
        equals = re.compile(r"\s*=(?!=)\s*").match(line, begin)
        if found and taken.intersection(found[0].split()):
            found = None
        self.point = bool(
            found and re.search(r"d[eé]riv|grad|diff|slope|rate|ableitung|∇", found[0], re.IGNORECASE)
        )
        if found and found["order"]:
            self.asked["order"] = _ORDERS[found["order"].lower()]
        if found or equals:
            end = (equals or found).end()  # type: ignore[union-attr]
            line = line[:begin] + " " * (end - begin) + line[end:]
        by = _BY.search(line, begin)
        if by and not taken.intersection(("wrt", "with", "by")):
            self.asked["wrt"] = re.split(r"\s*,\s*|\s+and\s+", by[1])
            line = line[: by.start()] + " " * (by.end() - by.start()) + line[by.end() :]
        self.line = _SUFFIX.sub("", line)


_TEXTS = re.compile(r"""(?<![\w)])[fFrR]{0,2}(?:'[^']*'|"[^"]*")""")
"""Texts, within which nothing is said: `einsum('ij,j->i', A, x)`."""


def _refuse(line: str, taken: frozenset[str]) -> None:
    """Raises what to do instead of what no reading has."""
    quoted = [each.span() for each in _TEXTS.finditer(line)]
    characters = frozenset(line)
    latex = "\\" in line and re.search(r"\\[a-zA-Z(\[|]", line) is not None
    if latex or re.search(r"\$[^$]+\$", line) or re.search(r"(?<![ΣΠmdtn])_\{", line):
        from gradcli.syntax.notation.latex import plain

        shown = plain(line, taken)
        if shown is not None and shown != line:
            raise Correction("this is LaTeX", (0, len(line)), shown)
    for needed, pattern, message, hint in PHRASES:
        found = re.search(pattern, line) if characters.issuperset(needed) else None
        if found and found[0].strip() not in taken and not any(a < found.start() < b for a, b in quoted):
            if "\\" in hint and hint.startswith("write "):  # what stands in the place of what was found
                raise Correction(message, found.span(), *map(found.expand, hint[6:].split(" or ")))
            raise syntax_error(message, found.span(), found.expand(hint))
    _refuse_spoken(line, taken)


def _refuse_spoken(line: str, taken: frozenset[str]) -> None:
    """Raises what `x squared` is with signs."""
    if not _WORD.search(line):
        return
    place = None
    written = line
    for text, signs in SPOKEN:
        pattern = re.compile(text, re.IGNORECASE)
        found = pattern.search(written)
        if found is None:
            continue
        said = set(re.findall(r"\w+", found[0])).difference(
            *(re.findall(r"\w+", each) for each in found.groups())
        )
        if taken.isdisjoint(said):
            place = place or pattern.search(line)
            written = pattern.sub(signs, written)
    if written != line:
        span = place.span() if place else (0, len(line))
        raise syntax_error("signs stand between values, and no words", span, f"write {written.strip()}")
