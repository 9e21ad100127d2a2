"""The example notebook runs, and shows what it shows in the repository."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_did(path):
    try:
        import ipykernel  # noqa: F401  (the kernel that runs the cells)
        import nbclient
        import nbformat
    except ImportError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{missing.name} is not installed")  # on a user's machine; in CI the line above fails
    kept = nbformat.read(path, as_version=4)
    run = nbformat.from_dict(kept)
    nbclient.NotebookClient(run, timeout=120, kernel_name="python3").execute()
    cells = [cell for cell in run.cells if cell.cell_type == "code"]
    assert cells and all(cell.outputs for cell in cells)
    for before, after in zip((c for c in kept.cells if c.cell_type == "code"), cells, strict=True):
        assert all_shown(after.outputs) == all_shown(before.outputs), after.source


def all_shown(outputs) -> list[dict[str, str]]:
    """What outputs say; what was printed may come in one piece or in several."""
    found = [shown(output) for output in outputs if output["output_type"] != "stream"]
    return [{"printed": "".join(output["text"] for output in outputs if output["output_type"] == "stream")}, *found]


def shown(output) -> dict[str, str]:
    """What an output says, whatever the machine."""
    return {kind: re.sub(r" at 0x[0-9a-f]+|<IPython.*", "", text) for kind, text in output.get("data", {}).items()}
