"""What the commands cost, as whole processes, next to `python -c "import sympy"` run in turn with them.

Run: python benchmarks/commands.py [ROUNDS]. Prints the median, least and largest of the ratios, and what is to be
reached. Ratios hold where seconds do not: each pair of processes is run one right after the other. `check` keeps what a
derivation comes to in the user's cache folder: the first run, which is not counted, derives it.
"""

from __future__ import annotations

import shlex
import shutil
import statistics
import subprocess
import sys
import time

TARGETS = {
    "--help": 0.5,
    "list": 0.5,
    "derive ridge": 2.0,
    "verify": 4.0,
    "check ridge '(X^T X + 2 n λ I)^-1 X^T t'": 1.6,
    "check batch-size-regimes 'C: σ²/(a w)²'": 1.6,
    "equal '(A B)^-1' 'B^-1 A^-1' --let 'A: n×n invertible' --let 'B: n×n invertible'": 1.6,
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def ratios(command: list[str], baseline: list[str], rounds: int) -> list[float]:
    """One ratio a round, after a round that is not counted."""
    seconds(baseline), seconds(command)
    return [seconds(command) / seconds(baseline) for _ in range(rounds)]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    workings = shutil.which("workings") or sys.exit("install the project first: pip install .")
    baseline = [sys.executable, "-c", "import sympy"]
    print(f"{'command':<35}{'median':>8}{'least':>8}{'largest':>9}{'to reach':>10}   ratio to importing SymPy")
    for command, target in TARGETS.items():
        found = ratios([workings, *shlex.split(command)], baseline, rounds)
        verdict = "" if statistics.median(found) <= target else "   missed"
        print(
            f"{('workings ' + command)[:34]:<35}{statistics.median(found):>8.2f}{min(found):>8.2f}"
            f"{max(found):>9.2f}{'≤ ' + str(target):>10}{verdict}"
        )


if __name__ == "__main__":
    main()
