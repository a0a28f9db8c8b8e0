"""The other side of the page for those who come from PyTorch: it runs, and learns the same."""

from typing import Any

from markdown import ROOT, blocks


def test_pytorch_as_the_page_shows_it(torch: Any) -> None:
    torch.manual_seed(0)
    names: dict[str, Any] = {}
    for block in blocks(ROOT / "docs" / "howto" / "from-pytorch.md"):
        if block.language == "py":
            exec(block.text, names)
    assert (names["model"](names["x"]) > 0).int().tolist() == [[0], [1], [1], [0]]
