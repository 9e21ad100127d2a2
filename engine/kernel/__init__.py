"""The kernel: what a step is, and the only functions that make one."""

from engine.kernel.certification import united_evidence
from engine.kernel.evidence import (
    ConditionMissing,
    DerivationError,
    Evidence,
    Kind,
    NotApplicable,
    NotDecided,
    NothingToDo,
    Refuted,
)
from engine.kernel.steps import (
    CHAIN,
    HYPOTHESIS,
    Conclusion,
    Context,
    Line,
    Move,
    Refutation,
    Rule,
    Step,
    assume,
    chain,
    genuine,
    genuine_refutation,
    infer,
    refute,
)
from engine.terms.claims import Claim
