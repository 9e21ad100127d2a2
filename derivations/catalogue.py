"""What stands in the catalogue, read from a file that neither imports the engine nor any derivation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

INDEX = Path(__file__).with_name("catalogue.json")
ORDER = {
    "fgm-output": "adversarial",
    "ridge": "ridge",
    "fgm-epsilon": "adversarial",
    "fgsm-epsilon": "adversarial",
    "minibatch-variance": "batch_size",
    "batch-size-learning-rate": "batch_size",
    "batch-size-regimes": "batch_size",
    "compute-optimal-model-size": "scaling",
    "dropout-bias-variance": "dropout",
    "gaussian-dropout-sigma": "dropout",
    "kernel-ridge": "ridge",
    "softmax-cross-entropy": "classification",
    "gaussian-maximum-likelihood": "gaussian",
    "multivariate-gaussian": "gaussian",
    "gaussian-kl": "gaussian",
    "multivariate-gaussian-kl": "gaussian",
    "noisy-quadratic-risk": "noisy_quadratic",
    "xavier-variance": "initialisation",
    "he-variance": "initialisation",
}


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Name, module, topic, title, source, strength, figures, results and parts of every derivation, in their order.

    They stand in a file that `python -m workings.index` writes from the derivations themselves.
    """
    return tuple(json.loads(INDEX.read_text(encoding="utf-8"))["derivations"])


def names() -> tuple[str, ...]:
    return tuple(entry["name"] for entry in entries())
