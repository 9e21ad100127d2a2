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
        import ipykernel  # noqa: F401
        import matplotlib  # noqa: F401
        import nbclient
        import nbformat
    except ImportError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{missing.name} is not installed")
    kept = nbformat.read(path, as_version=4)
    run = nbformat.from_dict(kept)
    nbclient.NotebookClient(run, timeout=120, kernel_name="python3").execute()
    cells = [cell for cell in run.cells if cell.cell_type == "code"]
    assert cells and all(cell.outputs for cell in cells)
    for before, after in zip((c for c in kept.cells if c.cell_type == "code"), cells, strict=True):
        assert [shown(output) for output in after.outputs] == [shown(output) for output in before.outputs], after.source


def shown(output) -> dict[str, str]:
    """What an output says, whatever the machine. Pictures differ between versions of what draws them."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    return {
        kind: re.sub(r" at 0x[0-9a-f]+|<IPython.*", "", text) for kind, text in data.items() if kind != "image/svg+xml"
    }
