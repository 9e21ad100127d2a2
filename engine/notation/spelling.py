"""How mathematics is spelt: the characters and commands that stand for letters, operators and relations."""

from __future__ import annotations

import re

from engine.notation.alphabet import GREEK

GREEK_LETTERS = {letter: name for name, letter in GREEK.items()} | {
    "ϵ": "epsilon",
    "ϕ": "phi",
    "ϑ": "theta",
    "ϱ": "rho",
    "ς": "sigma",
    "µ": "mu",  # the micro sign
    "∆": "Delta",  # the increment sign
    "Ω": "Omega",  # the ohm sign
}
VARIANTS = {"varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varrho": "rho", "varsigma": "sigma"}
ALIASES = {"lam": "lambda", "lmbda": "lambda", "lambd": "lambda", "lamda": "lambda", "eps": "epsilon"}

NUMBERED = re.compile(r"(?P<stem>[^\W\d_]+)(?P<digits>\d+)")  # x1, which is x_1

SUPERSCRIPTS = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾⁼ⁿⁱᵈʲᵏᵐᵗˣᵃᵇᶜᵉᶠᵍʰˡᵒᵖʳˢᵘᵛʷʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        "0123456789-+()=nidjkmtxabcefghloprsuvwyzABDEGHIJKLMNOPRTUVW",
        strict=True,
    )
)
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))
SMALL = re.compile(f"[{''.join(SUBSCRIPTS)}]+")  # v₁₂
FRACTIONS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
ACCENTS = {"\u0303": "~", "\u0302": "^", "\u0304": "-", "\u0305": "-", "\u0307": "."}

# characters and commands that are one symbol of the grammar
SYMBOLS = {
    "−": "-",
    "–": "-",
    "×": "*",
    "∗": "*",
    "⊙": "⊙",
    "⊘": "⊘",
    "⊗": "⊗",
    "∘": "⊙",
    "·": "·",
    "⋅": "·",
    "•": "·",
    "∙": "·",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "′": "'",
    "’": "'",
    "″": "''",
    "‖": "||",
    "∥": "||",
    "∣": "|",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "⋆": "★",
    "∑": "sum",
    "√": "sqrt",
    "∇": "nabla",
    "∂": "d",
    "∞": "infinity",
    "→": "->",
    "⌊": "floor(",
    "⌋": ")floor",
    "⌈": "ceil(",
    "⌉": ")ceil",
    "⟨": "<(",
    "⟩": ")>",
    "≻": "succ",
    "⪰": "succeq",
    "⇔": "<=>",
    "⟺": "<=>",
    "⇒": "=>",
    "⟹": "=>",
    "∝": "propto",
    "∈": "in",
    "…": "...",
    "ᵀ": "ᵀ",
    "⊤": "ᵀ",
    "𝔼": "E",
}
COMMANDS = {
    "odot": "⊙",
    "oslash": "⊘",
    "otimes": "⊗",
    "circ": "⊙",
    "cdot": "·",
    "bullet": "·",
    "times": "*",
    "ast": "★",
    "star": "★",
    "div": "/",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "ne": "!=",
    "neq": "!=",
    "lt": "<",
    "gt": ">",
    "prime": "'",
    "top": "ᵀ",
    "intercal": "ᵀ",
    "lVert": "||",
    "rVert": "||",
    "Vert": "||",
    "|": "||",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "mid": "|",
    "lfloor": "floor(",
    "rfloor": ")floor",
    "lceil": "ceil(",
    "rceil": ")ceil",
    "lbrack": "[",
    "rbrack": "]",
    "{": "(",
    "}": ")",
    "lbrace": "(",
    "rbrace": ")",
    "langle": "<(",
    "rangle": ")>",
    "sum": "sum",
    "sqrt": "sqrt",
    "nabla": "nabla",
    "partial": "d",
    "infty": "infinity",
    "to": "->",
    "rightarrow": "->",
    "succ": "succ",
    "succeq": "succeq",
    "iff": "<=>",
    "Leftrightarrow": "<=>",
    "Longleftrightarrow": "<=>",
    "implies": "=>",
    "Rightarrow": "=>",
    "propto": "propto",
    "in": "in",
    "dots": "...",
    "ldots": "...",
    "cdots": "...",
    "frac": "frac",
    "dfrac": "frac",
    "tfrac": "frac",
    "cfrac": "frac",
    "binom": "binom",
    "dbinom": "binom",
    "tbinom": "binom",
    "begin": "begin",
    "end": "end",
    "\\": "\\\\",
    "lim": "lim",
}
ACCENT_COMMANDS = {"hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "bar": "-", "overline": "-", "dot": "."}
FONTS = frozenset(
    [
        "mathbf",
        "boldsymbol",
        "bm",
        "pmb",
        "mathrm",
        "mathit",
        "mathsf",
        "mathtt",
        "mathcal",
        "mathnormal",
        "text",
        "textbf",
        "textit",
        "textrm",
        "textsf",
        "vec",
        "operatorname",
        "boldmath",
        "bf",
        "rm",
        "it",
        "sf",
    ]
)
SPACING = frozenset(
    [
        "left",
        "right",
        "middle",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "bigm",
        "displaystyle",
        "textstyle",
        "limits",
        "nolimits",
        ",",
        ";",
        ":",
        "!",
        ">",
        "quad",
        "qquad",
        "thinspace",
        "medspace",
        "thickspace",
        "enspace",
        "negthinspace",
        "hspace",
    ]
) | {" "}

# what some commands that are not known would be written as
INSTEAD = {
    "int": "integrals are not read",
    "prod": "products over an index are not read",
    "over": "write \\frac{a}{b}",
    "choose": "write \\binom{n}{k}",
    "pm": "one answer at a time: ± means two",
    "mp": "one answer at a time: ∓ means two",
    "approx": "give the exact value",
    "pmod": "remainders are not read",
}
# words that mean something elsewhere and nothing here: never a product of letters
FOREIGN = frozenset(
    [
        "nan",
        "inf",
        "oo",
        "lg",
        "gcd",
        "lcm",
        "mod",
        "rank",
        "gamma",
        "beta",
        "zeta",
        "Gamma",
        "span",
        "arg",
        "Re",
        "Im",
        "sup",
        "cosec",
        "cosech",
        "prod",
        "integrate",
        "diff",
    ]
)

# names of functions, as typed → as the engine has them
FUNCTIONS = {
    name: name
    for name in [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "erf",
        "sigmoid",
        "softplus",
        "floor",
        "ceil",
        "max",
        "min",
        "abs",
        "sign",
        "factorial",
    ]
} | {
    "ln": "log",
    "sgn": "sign",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arsinh": "asinh",
    "arccosh": "acosh",
    "arcosh": "acosh",
    "arctanh": "atanh",
    "artanh": "atanh",
    "ceiling": "ceil",
    "binom": "binomial",
    "binomial": "binomial",
}
OTHER_FUNCTIONS = frozenset(
    [
        "sqrt",
        "tr",
        "Tr",
        "trace",
        "det",
        "inv",
        "inverse",
        "transpose",
        "norm",
        "cot",
        "sec",
        "csc",
        "coth",
        "sech",
        "csch",
        "log2",
        "log10",
        "relu",
        "silu",
        "swish",
        "softmax",
        "logsumexp",
        "lse",
        "erfc",
        "diag",
        "vec",
        "kron",
        "mean",
        "ones",
    ]
)
LOWERED = {"var": "Var", "cov": "Cov"}
OPERATORS = frozenset(["E", "Var", "Cov", "sum", "lim", "argmin"])


def plain_subscript(small: str) -> str:
    """12 of ₁₂."""
    return small.translate(_PLAIN)


_PLAIN = str.maketrans(SUBSCRIPTS)
