"""Wrong answers that people give, written down from the subject before the engine saw them: is the mistake named, and
rightly?

Each answer has the names that describe what was done in it. `rightly` is an answer for which one of them is among the
mistakes that are shown, `wrongly` one for which others are shown alone. Run: python benchmarks/mistakes.py

After the first run (61 of 95 rightly, 7 wrongly) five rows got a further name, each of a mistake that does lead to the
answer and is described so by its sentence: a changed sign within brackets, a lost term, a constant lost from a
variance, and twice, an answer that is right for another part.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import derivations
from engine.grading.judging import Judge
from engine.grading.mistakes import Table, diagnosed
from engine.grading.parts import judged_parts
from engine.grading.questions import Question, questions
from engine.grading.verdicts import Judgement
from engine.grading.wrong_answers import table


@dataclass(frozen=True)
class Wrong:
    """An answer, what was done wrong in it, and the names that this has."""

    answer: str
    done: str
    names: tuple[str, ...]
    part: str | None = None


def _wrong(answer: str, done: str, *names: str, part: str | None = None) -> Wrong:
    return Wrong(answer, done, names, part)


WRONG: dict[str, tuple[Wrong, ...]] = {
    "fgm-output": (
        _wrong("w^T x + eps ||w||^2", "moved along the gradient", "sign-lost", "brackets-forgotten", "sign-not-changed"),
        _wrong("w^T x - eps ||w||", "norm instead of its square", "norm-not-squared"),
        _wrong("w^T x - eps", "the gradient left out", "factor-lost", "inner-derivative-forgotten"),
        _wrong("w^T x - eps ||x||^2", "differentiated for w, not x, in the second term", "symbol-swapped", "other-variable"),
        _wrong("w^T x - eps w^T x", "differentiated for w, not x", "other-variable"),
        _wrong("w^T x - 2 eps ||w||^2", "took f for a square", "a-half-ignored", "off-by-a-factor"),
        _wrong("w^T x - eps ||w||^2 / 2", "a half from nowhere", "exponent-not-brought-down"),
        _wrong("eps ||w||^2 - w^T x", "all signs changed", "sign"),
        _wrong("2 w^T x - 2 eps ||w||^2", "everything twice", "off-by-a-factor"),
    ),
    "ridge": (
        _wrong("(X^T X + 2 lambda I)^-1 X^T t", "n lost when 1/n was cleared", "term-not-multiplied"),
        _wrong("(X^T X + n lambda I)^-1 X^T t", "the 2 of the penalty not brought down", "exponent-not-brought-down"),
        _wrong("(X^T X + lambda I)^-1 X^T t", "the textbook's objective, without 1/(2n)", "other-convention"),
        _wrong("(X^T X - 2 n lambda I)^-1 X^T t", "the penalty's sign", "sign-not-changed", "inner-derivative-sign", "sign-lost"),
        _wrong("(X^T X + 2 n lambda I) X^T t", "not inverted", "multiplied-instead-of-divided"),
        _wrong("t^T X (X^T X + 2 n lambda I)^-1", "a row", "transposed"),
        _wrong("(X^T X)^-1 X^T t", "the penalty left out", "term-not-differentiated"),
        _wrong("((X^T X)^-1 + I/(2 n lambda)) X^T t", "inverted term by term", "inverse-of-a-sum"),
        _wrong("-(X^T X + 2 n lambda I)^-1 X^T t", "the sign of the right side", "sign-not-changed", "sign"),
        _wrong("(X^T X + 2 n lambda I)^-1 X^T t / n", "the right side not multiplied by n", "one-side-multiplied", "term-not-multiplied"),
        _wrong("(X^T X + 4 n lambda I)^-1 X^T t", "the ½ of the loss not used up", "a-half-ignored", "exponent-not-brought-down"),
    ),
    "fgm-epsilon": (
        _wrong("x (X^T X + 2 lambda)/(X^T t)", "n lost", "term-not-multiplied", "factor-lost"),
        _wrong("x (X^T X + n lambda)/(X^T t)", "the 2 of the penalty lost", "other-convention", "exponent-not-brought-down"),
        _wrong("x X^T t/(X^T X + 2 n lambda)", "multiplied by w*, not divided", "multiplied-instead-of-divided", "upside-down", "inverted"),
        _wrong("X^T t/(x (X^T X + 2 n lambda))", "upside down", "upside-down", "inverted"),
        _wrong("-x (X^T X + 2 n lambda)/(X^T t)", "sign", "sign", "sign-not-changed", "sign-lost"),
        _wrong("x (X^T X + lambda)/(X^T t)", "the textbook's objective", "other-convention"),
        _wrong("(X^T X + 2 n lambda)/(X^T t)", "x lost", "factor-lost", "off-by-a-factor"),
        _wrong("x X^T X/(X^T t)", "no weight decay", "term-not-differentiated", "term-lost", "cancelled-in-a-sum"),
        _wrong("2 x (X^T X + 2 n lambda)/(X^T t)", "w² differentiated", "off-by-a-factor"),
    ),
    "fgsm-epsilon": (
        _wrong("x", "the sign of the weight dropped", "sign-dropped", "factor-lost"),
        _wrong("x X^T t", "no sign taken", "absolute-value-forgotten", "sign-dropped", "sign-of-forgotten"),
        _wrong("-x sign(X^T t)", "sign", "sign", "sign-not-changed", "sign-lost"),
        _wrong("x/(X^T t)", "|a| for a", "absolute-value-forgotten", "sign-of-forgotten"),
        _wrong("sign(X^T t)", "x lost", "factor-lost", "off-by-a-factor"),
        _wrong("sign(X^T t)/x", "upside down", "upside-down", "inverted"),
        _wrong("x (X^T X + 2 n lambda)/(X^T t)", "FGM instead of FGSM", "absolute-value-forgotten", "sign-of-forgotten", "sign-dropped"),
        _wrong("2 x sign(X^T t)", "twice", "off-by-a-factor"),
    ),
    "minibatch-variance": (
        _wrong("sigma^2", "the variance of the mean is that of one", "constant-not-squared", "fully-dependent", "number-of-terms-squared"),
        _wrong("sigma^2/B^2", "the sum's terms not counted", "sum-dropped"),
        _wrong("sigma/B", "deviation for variance", "deviation-for-variance", "other-convention"),
        _wrong("B sigma^2", "a sum in place of the mean", "other-convention"),
        _wrong("sigma/sqrt(B)", "the standard deviation", "standard-deviation"),
        _wrong("sigma^2 B^2", "upside down", "off-by-a-factor"),
        _wrong("a^2 w^2 + sigma^2/B", "the mean's square added", "mean-forgotten", "shift-in-variance", "second-moment-for-variance"),
        _wrong("sigma^2/B + a w", "the mean varies, too", "shift-in-variance"),
        _wrong("2 sigma^2/B", "twice", "off-by-a-factor"),
    ),
    "batch-size-learning-rate": (
        _wrong("1/a", "no noise", "variance-forgotten", "term-not-differentiated"),
        _wrong("a w^2/(a^2 w^2 + sigma^2)", "B lost", "constant-not-squared", "fully-dependent", "number-of-terms-squared", "factor-lost"),
        _wrong("a w^2/(a^2 w^2 + sigma^2/B^2)", "the sum's terms not counted", "sum-dropped"),
        _wrong("a w^2/(a^2 w^2 + sigma/B)", "deviation for variance", "deviation-for-variance", "other-convention"),
        _wrong("(a^2 w^2 + sigma^2/B)/(a w^2)", "upside down", "upside-down", "inverted"),
        _wrong("-a w^2/(a^2 w^2 + sigma^2/B)", "sign", "sign", "sign-not-changed", "sign-lost", "inner-derivative-sign"),
        _wrong("a w^2/(a^2 w^2 - sigma^2/B)", "the noise's sign", "inner-derivative-sign", "sign-lost"),
        _wrong("a w^2/(2 (a^2 w^2 + sigma^2/B))", "the ½", "off-by-a-factor", "exponent-not-brought-down"),
        _wrong("a w^2/(a^2 w^2 + B sigma^2)", "a sum in place of the mean, in the noise alone", "symbol-swapped", "upside-down", "off-by-a-factor", "factor-lost", "cancelled-away", "one-constant-not-squared"),
        _wrong("w^2/(a^2 w^2 + sigma^2/B)", "an a lost", "factor-lost", "off-by-a-factor", "inner-derivative-forgotten"),
    ),
    "batch-size-regimes": (
        _wrong("S_min (1 + B/B_noise)", "upside down", "symbol-swapped", "inverted-inside", "upside-down", part="steps"),
        _wrong("S_min (1 - B_noise/B)", "sign", "sign-lost", "sign-not-changed", "inner-derivative-sign", "brackets-forgotten", part="steps"),
        _wrong("S_min B_noise/B", "the 1 lost", "term-lost", "cancelled-in-a-sum", part="steps"),
        _wrong("S_min (1 + 2 B_noise/B)", "a 2 too many", "a-half-ignored", "factor-lost", part="steps"),
        _wrong("S_min", "no noise: B_noise/B lost", "term-not-differentiated", "variance-forgotten", "term-lost", part="steps"),
        _wrong("S_min/(1 + B_noise/B)", "upside down", "upside-down", "inverted", "inverted-inside", part="steps"),
        _wrong("B_noise/(B_noise + B)", "sign", "sign", "sign-lost", "inner-derivative-sign", part="elasticity"),
        _wrong("-B/(B_noise + B)", "the wrong one above", "symbol-swapped", part="elasticity"),
        _wrong("1/B_noise", "upside down", "upside-down", "inverted", part="point C"),
        _wrong("2 B_noise", "twice", "off-by-a-factor", part="point C"),
    ),
    "compute-optimal-model-size": (
        _wrong("alpha_N/alpha_C", "upside down", "inverted", "exponent-not-inverted", part="exponent of N"),
        _wrong("alpha_C alpha_N", "multiplied", "exponent-not-inverted", "off-by-a-factor", part="exponent of N"),
        _wrong("-alpha_C/alpha_N", "sign", "sign", "exponent-not-inverted", part="exponent of N"),
        _wrong("alpha_C/alpha_S", "another exponent", "symbol-swapped", "another-part", part="exponent of N"),
        _wrong("alpha_N", "loss exponent", "symbol-swapped", "factor-lost", part="exponent of N"),
        _wrong("2 alpha_C/alpha_N", "twice", "off-by-a-factor", part="exponent of N"),
        _wrong("alpha_C/alpha_N", "that of N", "symbol-swapped", "another-part", part="exponent of B"),
        _wrong("-alpha_C/alpha_B", "sign", "sign", "exponent-not-inverted", part="exponent of B"),
        _wrong("alpha_S/alpha_C", "upside down", "inverted", "exponent-not-inverted", part="exponent of S"),
    ),
    "dropout-bias-variance": (
        _wrong(
            "1/N sum_{i=1}^N var(y~_m_i) + 1/(2N) sum_{i=1}^N (E[y~_m_i] - t_i)^2", "a half lost", "factor-lost", "constant-in-a-mean"
        ),
        _wrong("1/(2N) sum_{i=1}^N (E[y~_m_i] - t_i)^2", "the variance left out", "variance-forgotten", "another-part"),
        _wrong("1/(2N) sum_{i=1}^N var(y~_m_i)", "the bias left out", "mean-forgotten", "bias-forgotten", "another-part"),
        _wrong("sum_{i=1}^N var(y~_m_i) + sum_{i=1}^N (E[y~_m_i] - t_i)^2", "sum instead of mean", "other-convention"),
        _wrong("-1/(2N) sum_{i=1}^N var(y~_m_i) - 1/(2N) sum_{i=1}^N (E[y~_m_i] - t_i)^2", "sign", "sign"),
        _wrong(
            "(1-p)/(2 N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2",
            "1/p lost", "factor-lost", "constant-not-squared", "one-constant-not-squared", part="closed form",
        ),
        _wrong(
            "p (1-p)/(2 N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2",
            "1/p² lost", "factor-lost", "constant-in-a-mean", "one-constant-not-squared", part="closed form",
        ),
        _wrong(
            "p/(2 (1-p) N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2",
            "p for dropping", "keep-and-drop", "other-convention", "upside-down", part="closed form",
        ),
        _wrong(
            "1/(2 p N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2",
            "p for the variance of a Bernoulli", "bernoulli-variance", part="closed form",
        ),
        _wrong("1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2", "no variance", "variance-forgotten", "another-part", part="closed form"),
    ),
    "gaussian-dropout-sigma": (
        _wrong("(1-p)/p", "no root", "root-forgotten"),
        _wrong("sqrt(p/(1-p))", "upside down", "upside-down", "inverted", "keep-and-drop"),
        _wrong("sqrt(p (1-p))", "the 1/p lost", "constant-in-a-mean", "factor-lost", "one-constant-not-squared"),
        _wrong("sqrt(1-p)", "(1/p) not squared", "constant-not-squared"),
        _wrong("sqrt(1/p)", "p for the variance of a Bernoulli", "bernoulli-variance"),
        _wrong("sqrt((1-p))/p", "second moment forgotten", "one-constant-not-squared", "factor-lost", "bernoulli-variance", "cancelled-away", "off-by-a-factor"),
        _wrong("sqrt(1/p) - 1", "root term by term", "root-term-by-term"),
        _wrong("-sqrt((1-p)/p)", "the negative root", "sign"),
        _wrong("((1-p)/p)^2", "squared instead", "exponent-not-inverted", "root-forgotten", "multiplied-instead-of-divided"),
        _wrong("sqrt((1-p)/(2p))", "a half", "off-by-a-factor"),
    ),
    "kernel-ridge": (
        _wrong("x^T X^T (X X^T + 2 lambda I)^-1 t", "n lost when 1/n was cleared", "term-not-multiplied", "factor-lost"),
        _wrong("x^T X^T (X X^T + n lambda I)^-1 t", "the 2 of the penalty lost", "exponent-not-brought-down", "other-convention", "factor-lost"),
        _wrong("x^T X^T (X X^T - 2 n lambda I)^-1 t", "the penalty's sign", "sign-not-changed", "sign-lost", "inner-derivative-sign"),
        _wrong("x^T X^T (X X^T)^-1 t", "the penalty left out", "term-not-differentiated", "term-lost"),
        _wrong("-x^T X^T (X X^T + 2 n lambda I)^-1 t", "sign", "sign", "sign-not-changed"),
    ),
    "softmax-cross-entropy": (
        _wrong("y - softmax(z)", "sign", "sign", "sign-not-changed", "sign-lost"),
        _wrong("softmax(z)", "the targets left out", "term-not-differentiated", "term-lost"),
        _wrong("exp(z) - y", "not normalised", "inner-derivative-forgotten", "factor-lost"),
        _wrong("softmax(z) + y", "the targets' sign", "sign-lost", "sign-not-changed", "brackets-forgotten"),
    ),
    "noisy-quadratic-risk": (
        _wrong("eta sigma^2/(2 B (2 + a eta))", "sign of the square", "sign-lost", "sign-not-changed", "brackets-forgotten", part="risk"),
        _wrong("eta sigma^2/(B (2 - a eta))", "the half of the risk lost", "off-by-a-factor", part="risk"),
        _wrong("sigma^2/(2 B (2 - a eta))", "the noise's factor not squared", "constant-not-squared", part="risk"),
        _wrong("-eta sigma^2/(2 B (2 - a eta))", "sign", "sign", part="risk"),
    ),
    "xavier-variance": (
        _wrong("1", "one term, not n of them", "sum-dropped", "off-by-a-factor", part="forward"),
        _wrong("1/n^2", "n² terms, not n of them", "number-of-terms-squared", "off-by-a-factor", part="forward"),
        _wrong("n", "upside down", "inverted", "upside-down", part="forward"),
        _wrong("-1/n", "sign", "sign", part="forward"),
        _wrong("1/(n + m)", "the half lost", "off-by-a-factor", part="both ways"),
    ),
}  # fmt: skip


def judged(name: str, tables: dict[str, Table]) -> Iterator[tuple[Wrong, Judgement, float]]:
    """Each wrong answer to a result with its judgement, and the seconds that naming its mistake took, warm."""
    asked = questions(derivations.load(name).run())
    judges: dict[str, Judge] = {}

    def judge_of(question: Question) -> Judge:
        return judges.setdefault(question.part, Judge(question, mistakes=lambda: tables[name]))

    for warm in (False, True):
        for wrong in WRONG[name]:
            found = judged_parts(wrong.answer, asked, wrong.part, judge_of)
            assert not isinstance(found, str), found
            judge = judges[found[0].part]
            begun = time.perf_counter()
            diagnosed(found[0], judge.question, judge.reference, tables[name])
            if warm:
                yield wrong, found[0], time.perf_counter() - begun


def is_rightly_named(wrong: Wrong, judgement: Judgement) -> bool:
    return any(diagnosis.name in wrong.names for diagnosis in judgement.diagnosis)


def main() -> None:
    tables = {name: table(partial(derivations.load, name), 2) for name in WRONG}
    totals, costs = [0, 0, 0], []
    for name, wrongs in WRONG.items():
        rightly = wrongly = 0
        for wrong, judgement, seconds in judged(name, tables):
            assert judgement.verdict.value != "correct", wrong
            assert judgement.trouble is None, (wrong, judgement.reason)
            right = is_rightly_named(wrong, judgement)
            rightly += right
            wrongly += bool(judgement.diagnosis) and not right
            costs.append(seconds)
            if not right:
                named = ", ".join(diagnosis.name for diagnosis in judgement.diagnosis) or "nothing"
                print(f"  {name}: {wrong.answer} ({wrong.done}): {named}")
        count = len(wrongs)
        print(f"{name}: {rightly} of {count} named rightly, {wrongly} wrongly, {count - rightly - wrongly} not named")
        totals = [a + b for a, b in zip(totals, (count, rightly, wrongly), strict=True)]
    costs.sort()
    print(f"all: {totals[1]} of {totals[0]} named rightly ({totals[1] / totals[0]:.0%}), {totals[2]} wrongly")
    print(
        f"cost of naming a mistake, warm: median {costs[len(costs) // 2] * 1000:.1f} ms, most {costs[-1] * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
