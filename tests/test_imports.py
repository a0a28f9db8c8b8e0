"""What importing the packages loads, and which way the imports point."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OUTER = ("autograd.testing", "autograd.draw", "autograd.jit")


def test_importing_loads_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import autograd, nn;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert {"autograd", "nn"} <= loaded
    assert loaded - {"autograd", "nn"} <= sys.stdlib_module_names


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    "path", sorted((ROOT / "autograd").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_arrows_point_one_way(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for imported in imports(path):
        assert imported.partition(".")[0] not in ("nn", "demos", "tests", "benchmarks")
        if not name.startswith(OUTER):
            assert not imported.startswith(OUTER)
