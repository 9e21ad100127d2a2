"""How mathematics is spelt: the characters and commands that stand for letters, operators and relations."""

from __future__ import annotations

import re

from engine.notation.alphabet import GREEK
from engine.terms.records import FUNCTIONS as RECORDS

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

# a symbol of the grammar: the characters and the commands that stand for it
_STANDS_FOR = {
    "-": "− –",
    "*": "× ∗ times",
    "⊙": "⊙ ∘ odot circ",
    "⊘": "⊘ oslash",
    "⊗": "⊗ otimes",
    "·": "· ⋅ • ∙ cdot bullet",
    "/": "÷ ∕ ⁄ div",
    "'": "′ ’ prime",
    "''": "″",
    "||": "‖ ∥ lVert rVert Vert |",
    "|": "∣ lvert rvert vert mid",
    "<=": "≤ le leq leqslant",
    ">=": "≥ ge geq geqslant",
    "!=": "≠ ne neq",
    "★": "⋆ ast star",
    "sum": "∑ sum",
    "sqrt": "√ sqrt",
    "nabla": "∇ nabla",
    "d": "∂ partial",
    "infinity": "∞ infty",
    "->": "→ to rightarrow",
    "floor(": "⌊ lfloor",
    ")floor": "⌋ rfloor",
    "ceil(": "⌈ lceil",
    ")ceil": "⌉ rceil",
    "<(": "⟨ langle",
    ")>": "⟩ rangle",
    "succ": "≻ succ",
    "succeq": "⪰ succeq",
    "<=>": "⇔ ⟺ iff Leftrightarrow Longleftrightarrow",
    "=>": "⇒ ⟹ implies Rightarrow",
    "propto": "∝ propto",
    "in": "∈ in",
    "...": "… dots ldots cdots",
    "ᵀ": "ᵀ ⊤ top intercal",
    "E": "𝔼",
    "<": "lt",
    ">": "gt",
    "[": "lbrack",
    "]": "rbrack",
    "(": "{ lbrace",
    ")": "} rbrace",
    "frac": "frac dfrac tfrac cfrac",
    "binom": "binom dbinom tbinom",
    "begin": "begin",
    "end": "end",
    "\\\\": "\\",
    "lim": "lim",
}
_SPELLINGS = [(spelling, symbol) for symbol, spellings in _STANDS_FOR.items() for spelling in spellings.split()]
SYMBOLS = {spelling: symbol for spelling, symbol in _SPELLINGS if not spelling.isascii()}
COMMANDS = {spelling: symbol for spelling, symbol in _SPELLINGS if spelling.isascii()}
ACCENT_COMMANDS = {"hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "bar": "-", "overline": "-", "dot": "."}
FONTS = frozenset(
    (
        "mathbf boldsymbol bm pmb mathrm mathit mathsf mathtt mathcal mathnormal text textbf textit textrm textsf vec "
        "operatorname boldmath bf rm it sf"
    ).split()
)
SPACING = frozenset(
    (
        "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm displaystyle textstyle "
        "limits nolimits , ; : ! > quad qquad thinspace medspace thickspace enspace negthinspace hspace"
    ).split()
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
    "nan inf oo lg gcd lcm mod rank gamma beta zeta Gamma span arg Re Im sup cosec cosech prod integrate diff".split()
)

# names of functions, as typed → as the engine has them
_ALSO = {
    spelling: name for name, function in RECORDS.items() for spelling in f"{function.written} {function.typed}".split()
}
FUNCTIONS = {name: name for name in RECORDS} | _ALSO
OTHER_FUNCTIONS = frozenset(
    (
        "sqrt tr Tr trace det inv inverse transpose norm cot sec csc coth sech csch log2 log10 relu silu swish softmax "
        "logsumexp lse erfc diag vec kron mean ones"
    ).split()
)
LOWERED = {"var": "Var", "cov": "Cov"}
OPERATORS = frozenset(["E", "Var", "Cov", "sum", "lim", "argmin"])


def plain_subscript(small: str) -> str:
    """12 of ₁₂."""
    return small.translate(_PLAIN)


_PLAIN = str.maketrans(SUBSCRIPTS)
