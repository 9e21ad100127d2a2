"""The words that are understood: each with what it means in a sentence about a result. A word that is not here is not
understood.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache


class Sense(Enum):
    """What a word does in a sentence; its value is the letter that patterns are written with."""

    UP = "U"
    DOWN = "D"
    SAME = "E"
    STEADY = "e"  # the same, of whatever it is compared with
    VARY = "V"
    NOT = "N"
    WHEN = "W"
    WITHOUT = "Z"
    THAN = "M"
    BEST = "G"
    WORST = "F"
    ADVISE = "R"
    SUBJECT = "S"
    OPPOSITE = "s"
    CAUSE = "C"
    OPTION = "O"
    WORD = "w"  # of an option
    PLAIN = "."  # changes nothing of what is said
    LINKING = ","
    DOING = "d"  # what a person does who works
    FINITE = "v"  # says that something is so
    THING = "x"  # what formulas are about


_TABLE = {
    Sense.UP: "grow grows grown grew growing increase increases increased increasing rise rises risen rose rising "
    "raise raises raised improve improves improved enlarge enlarges enlarged more larger bigger greater higher longer "
    "further stronger",
    Sense.DOWN: "shrink shrinks shrank shrunk shrinking decrease decreases decreased decreasing fall falls fell "
    "fallen falling drop drops dropped decline declines diminish diminishes diminished reduce reduces reduced lower "
    "lowers lowered weaken weakens weakened less smaller fewer shorter weaker",
    Sense.SAME: "unchanged invariant equally independent independently regardless unaffected",
    Sense.STEADY: "constant fixed identical equal same",
    Sense.VARY: "change changes changed depend depends depended affect affects affected effect matter matters "
    "influence influences influenced alter alters altered vary varies varied dependence bearing involve involves",
    Sense.NOT: "not no never neither nor cannot",
    Sense.WHEN: "as when if while with once whenever for given under",
    Sense.WITHOUT: "without",
    Sense.THAN: "than",
    Sense.BEST: "best most good optimal right correct preferable better ideal efficient",
    Sense.WORST: "worst least bad poor wrong inefficient suboptimal worse",
    Sense.ADVISE: "should must ought choose pick prefer recommend",
    Sense.LINKING: "so now then thus hence therefore next first firstly second finally again here also and or but "
    "where recall that this these those it they which because since due accordingly altogether consequently vs versus",
    Sense.PLAIN: "the a an of to is are be been was were its his her their there in on by do does did needs needed "
    "need will would can we one you answer option point choice make makes making become becomes get gets stay stays "
    "remain remains keep keeps before requires require required necessary enough sufficient suffices takes expect "
    "expects see find know conclude follows clear clearly means mean shows show implies gives give allow allows must "
    "has have at any every both always much magnitude amount value values size end belongs belong lies lie i us our "
    "my him regime potential way ways accelerate speed training train trained question case attacker attacks attacked "
    "adversary adversarial against such strictly s respect seek both about whole use using used each respectively "
    "long itself",
    Sense.DOING: "let lets set setting taking insert inserting inserted plug plugging plugged substitute "
    "substituting substituted multiply multiplying divide dividing expand expanding collect collecting solve solving "
    "differentiate differentiating simplify simplifying consider considering suppose assume assuming note noting "
    "define defining denote denoting write writing compute computing obtain yield yields start begin apply applying "
    "want wanted look moving move bring bringing cancel cancelling completing complete proof prove done agree finding "
    "recover check derive deriving work show setting",
    Sense.FINITE: "is are was were has have had do does did could would may might shall holds equals exists vanish "
    "vanishes converges diverges minimises minimizes maximises maximizes belongs causes leads guarantees dominates "
    "suggests contributes costs proves",
    Sense.THING: "model models network networks attack gradient derivative slope hessian curvature variance mean "
    "expectation expected value output loss objective minimum minimiser minimizer maximum solution result equation "
    "equations closed form dimension dimensional weight weights input inputs ridge regression side sides term terms "
    "factor factors part parts bias step steps square squares squared sum sums zero law laws chain rule rules product "
    "linearity independence noise batch rate learning fgm fgsm function matrix vector scalar inverse left right hand "
    "problem definition log logs likelihood limit large small number above below line lemma section following other "
    "another new name names defined label test after under into out up over all only exactly just simply plain "
    "penalty lambda const constants denominator denominators numerator common prob probability otherwise per sample "
    "samples example examples var cov tr det ln exp sign sgn argmin arg min max opt when while cases qed iff ie eg "
    "expression",
}
FINITE = frozenset(
    (
        "is are was were has have had do does did can cannot could will would must may might should shall need needs "
        "needed makes become becomes remain remains stay stays equals means implies shows requires allows helps "
        "suggests prefer recommend ought " + _TABLE[Sense.FINITE]
    ).split()
)
# one spelling of what is written in several ways
_SPELLINGS = {
    r"n['’]t\b": " not",
    r"\bcan\s*not\b": "can not",
    r"\bno\s+longer\b": "not",
    r"\b(?:go|goes|went)\s+up\b": "rises",
    r"\b(?:go|goes|went)\s+down\b": "falls",
    r"\b(?:easier|easy)\s+to\s+(?:fool|attack|deceive)\b": "less robust",
    r"\bharder\s+to\s+(?:fool|attack|deceive)\b": "more robust",
    r"\b(?:to\s+fool|that\s+fools)(?:\s+(?:it|the\s+(?:model|network)))?\b": " ",
    r"\bas\s+(\w+)\s+as(?:\s+before)?\b": r"equally \1",
    r"\b(?:as|than)\s+before\b": " ",
    r"\bmore\s+difficult\b": "harder",
    r"\b(?:stay|remain)s?\s+(?:the\s+)?(?:same|constant|fixed|equal|identical)\b": "unchanged",
    r"\bnot\s+only\b": "unread",
    r"\bnumber\s+of\b": " ",
    r"\boptimis": "optimiz",
    r"\bin\s+(?:the\s+)?case\s+of\b": "with",
    r"\bright(?=[\s-]+(?:hand\s+)?side\b)": "left",
    r"\ban?\s+(in|de)creasing\s+function\s+of\b": r"\1creasing with",
    r"(?:λ|\\lambda|lambda)\s*>\s*0(?:\s+(?:vs\.?|against)\s+(?:λ|\\lambda|lambda)\s*=\s*0)?": "λ",
    r"(?:λ|\\lambda|lambda)\s*=\s*0": "without λ",
}
# words for one thing: what a question calls by the first of them
_SYNONYMS = {
    "weight decay": "decay penalty regularisation regularization λ lambda",
    "batch size": "batch-size batches batch minibatch minibatches B b",
    "robust": "robustness robustly",
    "noise": "noisy",
}
OPPOSITES = {"robust": "vulnerable fragile"}
_TEX = {
    r"\\(?:boxed|text\w*|emph|math(?:rm|bf|it|sf)|underline)\s*\{([^{}]*)\}": r" \1 ",
    r"\*\*|__": " ",
    r"\\(?:var)?epsilon": "ε",
    r"\\eta": "η",
    r"\\lambda": "λ",
    r"(?<![\w\\])(?:eps|epsilon)(?![^\W\d_])": "ε",
    r"(?<![\w\\])lambda(?![^\W\d_])": "λ",
    r"\\[,;:! ]": " ",
    r"\\[lr]?[vV]ert|\\left|\\right|\\mid": "|",
    r"\^\{?(?:\\ast|\\star|\*)\}?": "*",
    r"[${}]": "",
}


@cache
def meanings() -> dict[str, Sense]:
    """Each word with its meaning: the first that the table gives it."""
    found: dict[str, Sense] = {}
    for meaning, words in _TABLE.items():
        for word in words.split():
            found.setdefault(word, meaning)
    return found


def synonyms(word: str) -> tuple[str, ...]:
    return (word, *_SYNONYMS.get(word, "").split())


def spelled_out(text: str) -> str:
    """A text without what only sets it, also within each other, its letters as they are printed."""
    for tex, letter in _TEX.items():
        while (shown := re.sub(tex, letter, text)) != text:
            text = shown
    return text


def in_one_spelling(text: str) -> str:
    for spelling, one in _SPELLINGS.items():
        text = re.sub(spelling, one, text, flags=re.IGNORECASE)
    return text


def stem(word: str) -> str:
    """A word without the ending of its plural or of its tense."""
    word = word.lower()
    ending = next((e for e in ("ing", "ed", "es", "s", "e") if word.endswith(e) and len(word) - len(e) > 3), "")
    return word.removesuffix(ending)
