"""Throws texts at the judge that nobody meant: `python benchmarks/fuzz.py [COUNT] [SEED]`.

Random characters, random tokens, mutated good answers, and hand-made hostile ones. Nothing may crash, nothing may take
long, and every text gets one of the five verdicts.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator

import derivations
from engine.grading import Judge, questions

WORDS = [
    r"X",
    r"w",
    r"t",
    r"x",
    r"λ",
    r"lambda",
    r"lam",
    r"n",
    r"d",
    r"ε",
    r"σ",
    r"B",
    r"p",
    r"N",
    r"a",
    r"c",
    r"i",
    r"j",
    r"k",
    r"I",
    r"e",
    r"E",
    r"S",
    r"T",
    r"f",
    r"g",
    r"L",
    r"1",
    r"2",
    r"3",
    r"0.5",
    r"10",
    r"999",
    r"+",
    r"-",
    r"*",
    r"/",
    r"^",
    r"_",
    r"(",
    r")",
    r"[",
    r"]",
    r"{",
    r"}",
    r"|",
    r"||",
    r"'",
    r",",
    r".",
    r"!",
    r"=",
    r"<",
    r">",
    r";",
    r":",
    r"\frac",
    r"\sqrt",
    r"\left(",
    r"\right)",
    r"\sum",
    r"\sum_{i=1}^{n}",
    r"Σ_i",
    r"sum(",
    r"√",
    r"²",
    r"⁻¹",
    r"ᵀ",
    r"^T",
    r"^-1",
    r".T",
    r".I",
    r"inv(",
    r"tr(",
    r"det(",
    r"exp(",
    r"log",
    r"sin",
    r"max(",
    r"E[",
    r"Var(",
    r"\mathbb{E}",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    r"&",
    r"\\",
    r"\mathbf",
    r"\hat",
    r"\tilde",
    r"ỹ",
    r"‖",
    r"·",
    r"×",
    r"≤",
    r"∇",
    r"\lim",
    r"argmin",
    r"_w",
    r"x'",
    r"w*",
    r"w^*",
    r"S_min",
    r"B_noise",
    r"α_N",
    r"½",
    r"∞",
    r"…",
    r"&",
    r"@",
    r"$",
    r"%",
    r"#",
    r"\0",
]
HOSTILE = (
    "9^9^9^9",
    "(" * 10_000,
    "(" * 10_000 + "x" + ")" * 10_000,
    "((((x^9)^9)^9)^9)^9",
    "((((λ^9)^9)^9)^9)^9",
    "x+" * 500_000,
    "x\u200fy",
    "х",
    "x\0y",
    "",
    " ",
    "\\",
    "\\\\",
    "$$",
    "{" * 29 + "w" + "}" * 29,
    "|" * 200,
    "||" * 100 + "w" + "||" * 100,
    "'" * 1000,
    "w" + "'" * 1000,
    "w" + "^T" * 600,
    "-" * 3000 + "w",
    "w!" + "!" * 500,
    "1e9999",
    "1" * 5000,
    "0." + "1" * 59,
    "2^" * 300 + "2",
    "λ^" * 30 + "λ",
    "Σ_i " * 20 + "t_i",
    "sum_{i=1}^{n} sum_{j=1}^{n} sum_{k=1}^{n} sum_{l=1}^{n} t_i t_j t_k t_l",
    "(X^T X)^60",
    "((X^T X)^8)^8",
    "det((X^T X)^20)",
    "exp(exp(exp(exp(9))))",
    "exp(-exp(exp(9))) + λ",
    "1/(1-1)",
    "0^-1",
    "0^0",
    "(λ+1)^999",
    "(λ+n+1/λ)^500",
    "factorial(n)^n",
    "n!!!!",
    "binomial(10^9, 10^8)",
    "floor(10^50 λ)",
    "tan(π/2)",
    "√(-1)",
    "λ^(10^-9)",
    "Var(Σ_i Σ_j m_ij)^9",
    "(Σ_i Σ_j m_ij w_j)^12",
    "E[exp(Σ_i Σ_j m_ij)]",
    "\\frac" * 300,
    "\\sqrt" * 300 + "x",
    "\\hat" * 300 + "x",
    "_" * 100,
    "w_" * 100,
    "w_{" * 29 + "1" + "}" * 29,
    "[[" * 15 + "1" + "]]" * 15,
    "[" + "1," * 300 + "1]",
    "a" * 3000,
    "XT" * 500,
    "lambda" * 500,
    "\\begin{pmatrix}" * 20,
    "I_" * 50,
    "I" * 300,
    "e^" * 25 + "λ",
    "".join(chr(0x300 + k) for k in range(100)),
    "w" + "".join(chr(0x300 + k) for k in range(100)),
    "=" * 100,
    "w=" * 100 + "w",
)
GOOD = {
    "ridge": ("(X^T X + 2 n λ I)^-1 X^T t", r"\left(X^\top X + 2\lambda n \mathbf I\right)^{-1} X^\top \mathbf t"),
    "fgm-epsilon": ("(X^T X + 2λn) x/(X^T t)", "x (X'X+2λn I)/(X't)"),
    "minibatch-variance": ("σ²/B", r"\frac{\sigma^2}{B}"),
    "dropout-bias-variance": (
        r"\frac{1}{2N}\sum_{i=1}^N Var(\tilde y_{m,i}) + \frac1{2N}\sum_{i=1}^N (E[\tilde y_{m,i}]-t_i)^2",
        "1/(2N) Σ_i (1-p)/p Σ_j w_j² X_ij² + 1/(2N) Σ_i (Σ_j w_j X_ij - t_i)²",
    ),
    "gaussian-dropout-sigma": ("sqrt((1-p)/p)", r"\sqrt{\frac{1-p}{p}}"),
}


def texts(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Names of derivations, and texts for them."""
    draw = random.Random(seed)
    names = list(GOOD)
    for name in names:
        for text in HOSTILE:
            yield name, text
    for _ in range(count):
        name = draw.choice(names)
        kind = draw.randrange(4)
        if kind == 0:
            yield (
                name,
                "".join(
                    chr(draw.choice((draw.randrange(128), draw.randrange(0x3000), draw.randrange(0x20000))))
                    for _ in range(draw.randrange(30))
                ),
            )
        elif kind == 1:
            yield name, draw.choice(("", " ")).join(draw.choice(WORDS) for _ in range(draw.randrange(1, 14)))
        else:
            yield name, mutated(draw.choice(GOOD[name]), draw)


def mutated(text: str, draw: random.Random) -> str:
    """A text with a few places deleted, doubled, moved or replaced."""
    for _ in range(draw.randint(1, 5)):
        a, b = sorted((draw.randrange(len(text) + 1), draw.randrange(len(text) + 1)))
        piece = text[a : min(b, a + 8)]
        match draw.randrange(4):
            case 0:
                text = text[:a] + text[a + len(piece) :]
            case 1:
                text = text[:a] + piece + text[a:]
            case 2:
                text = text[:a] + draw.choice(WORDS) + text[a:]
            case 3:
                text = text[:b] + piece + text[b:]
    return text


def main(count: int, seed: int) -> None:
    judges = {name: Judge(questions(derivations.load(name).run())[0]) for name in GOOD}
    for name, judge in judges.items():
        judge.verdict(GOOD[name][0])
    verdicts: Counter[str] = Counter()
    slowest: list[tuple[float, str, str, str]] = []
    for name, text in texts(count, seed):
        start = time.perf_counter()
        judged = judges[name].verdict(text)
        took = time.perf_counter() - start
        verdicts[judged.verdict.value] += 1
        slowest = sorted([*slowest, (took, name, text[:90], judged.verdict.value)], reverse=True)[:8]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{sum(verdicts.values()):,} texts: " + ", ".join(f"{n:,} {v}" for v, n in verdicts.most_common()))
    print(f"largest memory of the process {memory:.0f} MB; the slowest:")
    for took, name, text, verdict in slowest:
        print(f"  {took * 1000:6.0f} ms  {verdict:<11} {name}: {text!r}")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [200_000, 1][len(arguments) :]))
