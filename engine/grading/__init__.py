"""Judging what people write: the verdict on a final expression, and what shows that it is wrong."""

from engine.grading.judging import Judge
from engine.grading.questions import Question, questions
from engine.grading.verdicts import Judgement, Verdict

__all__ = ["Judge", "Judgement", "Question", "Verdict", "questions"]
