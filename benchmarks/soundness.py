"""What `equal` says of pairs whose truth is known otherwise: `python benchmarks/soundness.py [--quick] [--again]`.

The pairs of `soundness.jsonl` were written down before anything was run on them, by someone who had not read the judge:
class, left, right, declarations, truth (`true`, `false`, or `where`: true where both sides are defined, which is less
than everywhere that the declarations allow) and how the truth is known. `FROZEN` holds how many lines each part has,
and its sha256. Beside them stand identities that are true by construction, and the same with one mutation
(`identities.py`). Each answer is counted:

    right yes, right no    a `where` pair is right with a condition only
    FALSE YES, FALSE NO    also a yes without a condition where one is needed
    yes, but               yes to what holds wherever one side is defined, with a condition all the same
    undecided, unread      also ill-typed; FAULT is an exception
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import identities

import workings

FROZEN = (
    (550, "a71e66a7ba5a2f2f49b4a95410f52832fba9ce6d64ebcf183aa419ce45375d56"),
    (726, "73dea1f4d703b3bfeb675420a31ed7cdddd9acd668203136893dd4db15ce0756"),
)
SAID = {(True, True): "right yes", (False, False): "right no", (False, True): "FALSE YES", (True, False): "FALSE NO"}
COUNTED = ("right yes", "right no", "FALSE YES", "FALSE NO", "yes, but", "undecided", "unread", "FAULT")


@dataclass(frozen=True)
class Pair:
    kind: str
    left: str
    right: str
    let: tuple[str, ...]
    truth: str
    why: str = ""


@dataclass(frozen=True)
class Said:
    """What was said of a pair, and what that counts as."""

    pair: Pair
    counts: str
    verdict: str
    detail: str
    seconds: float

    def __str__(self) -> str:
        pair = self.pair
        let = f" [{'; '.join(pair.let)}]" if pair.let else ""
        return (
            f"{self.counts}, {pair.kind}: {pair.left}  =  {pair.right}{let}\n"
            f"    {pair.truth}: {pair.why}\n    said {self.verdict}: {self.detail}"
        )


def written() -> list[Pair]:
    """The pairs of the file, each part as it was frozen."""
    lines = Path(__file__).with_suffix(".jsonl").read_bytes().splitlines(keepends=True)
    start = 0
    for count, digest in FROZEN:
        if hashlib.sha256(b"".join(lines[start : start + count])).hexdigest() != digest:
            sys.exit(f"soundness.jsonl: lines {start + 1} to {start + count} are not those that were frozen")
        start += count
    if start != len(lines):
        sys.exit(f"soundness.jsonl: {len(lines) - start} lines are not frozen")
    rows = map(json.loads, lines)
    return [Pair(r["class"], r["left"], r["right"], tuple(r["let"]), r["truth"], r["why"]) for r in rows]


def generated(count: int, seed: int) -> Iterator[Pair]:
    for family, left, right, let, true in identities.pairs(count, seed):
        why = "by construction" if true else "by a mutation that changes its value"
        yield Pair(f"random {family}", left, right, let, "true" if true else "false", why)


def said(pair: Pair) -> Said:
    start = time.perf_counter()
    try:
        judged = workings.equal(pair.left, pair.right, let=pair.let)
        verdict, detail = judged.verdict.value, judged.reason
        if judged.correct:
            counts = _yes(pair.truth, bool(judged.where))
            detail = "where " + ", ".join(judged.where) if judged.where else "everywhere"
        elif verdict == "incorrect":
            counts = "right no" if pair.truth == "false" else "FALSE NO"
            detail += f"; {judged.counterexample}" if judged.counterexample else ""
        else:
            counts = "undecided" if verdict == "undecided" else "unread"
    except workings.WorkingsError as error:
        counts, verdict, detail = "unread", "misasked", str(error)
    except Exception as error:  # what is counted
        counts, verdict, detail = "FAULT", type(error).__name__, str(error)
    return Said(pair, counts, verdict, detail, time.perf_counter() - start)


def _yes(truth: str, conditional: bool) -> str:
    if truth == "true":
        return "yes, but" if conditional else "right yes"
    return "right yes" if truth == "where" and conditional else "FALSE YES"


def judged(pairs: Iterable[Pair]) -> list[Said]:
    return [said(pair) for pair in pairs]


def show(answers: list[Said], listed: int) -> None:
    """The table, a row a class, and what was false or not decided."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        table[answer.pair.kind][answer.counts] += 1
        table["all"][answer.counts] += 1
    width = max(map(len, table))
    print(" " * width, *(f"{name:>9}" for name in COUNTED))
    for kind in (*(name for name in table if name != "all"), "all"):
        print(f"{kind:<{width}}", *(f"{table[kind][name] or '':>9}" for name in COUNTED))
    slowest = max(answers, key=lambda answer: answer.seconds)
    print(f"the slowest took {slowest.seconds:.1f} s: {slowest.pair.left}  =  {slowest.pair.right}\n")
    for name in ("FALSE YES", "FALSE NO", "FAULT", "undecided", "unread", "yes, but"):
        for answer in [answer for answer in answers if answer.counts == name][:listed]:
            print(answer)


# -- others, on what they can express ----------------------------------------------------------------------------------


def beside(pairs: list[Pair]) -> None:
    """What Math-Verify and SymPy say of the pairs that are expressions; a yes of theirs needs no condition."""
    import answers

    judges = {"Math-Verify": answers.math_verify, "SymPy simplify": answers.sympy_simplify}
    for name, judge in judges.items():
        table: Counter[str] = Counter()
        for pair in pairs:
            try:
                case = answers.case(pair.left, pair.right, pair.let, pair.truth != "false")
                with answers.patience(answers.PATIENCE):
                    asked = judge(case)
                    table["not expressed" if asked is None else SAID[case.equal, asked()]] += 1
            except ModuleNotFoundError:
                print(f"{name} is not installed")
                break
            except Exception:  # another's fault, its time is up, or no expression
                table["not expressed"] += 1
        print(name, dict(table))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, help="generated pairs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="1,000 generated pairs")
    parser.add_argument("--listed", type=int, default=40, help="how many of each failure (default: %(default)s)")
    parser.add_argument("--beside", action="store_true", help="Math-Verify and SymPy on the written ones, too")
    parser.add_argument("--again", action="store_true", help="the written ones twice: what is said otherwise then")
    asked = parser.parse_args()
    pairs = written()
    show(first := judged(pairs), asked.listed)
    if asked.again:
        for once, twice in zip(first, judged(pairs), strict=True):
            if once.verdict != twice.verdict:
                print(f"NOT THE SAME AGAIN\n{once}\n{twice}")
    show(judged(generated(1000 if asked.quick else asked.count, asked.seed)), asked.listed)
    if asked.beside:
        beside(pairs)


if __name__ == "__main__":
    main()
