"""What importing the packages loads, and which way the imports point."""

import ast
import inspect
import pickle
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OUTER = ("autograd.testing", "autograd.draw", "autograd.jit", "autograd.scipy", "autograd.sparse")


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


def test_importing_loads_no_more_than_values_need() -> None:
    code = "import sys, autograd, nn; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = {name for name in run.stdout.split() if name.partition(".")[0] in ("autograd", "nn")}
    assert len(ours) < 25
    assert {name for name in ours if name.startswith("nn")} == {"nn"}
    assert not ours & {f"autograd.{name}" for name in ("reverse", "transforms", "jit", "draw")}


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_names_imported_later_are_those_that_type_checkers_see(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    (switch,) = [node for node in tree.body if isinstance(node, ast.If) and node.orelse]
    (table,) = [ast.literal_eval(node) for node in ast.walk(switch) if isinstance(node, ast.Dict)]
    seen = [node.names for node in switch.body if isinstance(node, ast.ImportFrom)]
    later = {name for module in table for name in table[module].split() or [module]}
    assert {alias.name for names in seen for alias in names} == later


def imports(path: Path) -> set[str]:
    found = set()
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
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


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda p: p.name)
def test_networks_use_the_public_part_of_the_compiler(path: Path) -> None:
    assert not any(imported.startswith("autograd.jit.") for imported in imports(path))


USES = {
    "jit": "from autograd import jit; assert jit(lambda x: x * x)(3.0) == 9.0",
    "draw": "from autograd import Value, draw; assert 'digraph' in draw(Value(2.0) * 3).source",
    "attributes": (
        "import autograd; assert autograd.jit(lambda x: x + 1)(3.0) == 4.0;"
        "assert 'digraph' in autograd.draw(autograd.Value(2.0) * 3).source"
    ),
    "functions": (
        "from autograd.jit import jit as compiled, Jitted; from autograd.draw import draw as drawn;"
        "from autograd import Value; assert isinstance(compiled(lambda x: x), Jitted);"
        "assert 'digraph' in drawn(Value(2.0) * 3).source"
    ),
    "modules": (
        "import autograd.jit.api; import autograd.draw.recording;"
        "assert autograd.jit.api.jit is autograd.jit.jit;"
        "assert autograd.draw.recording.record is autograd.draw.record"
    ),
    "renamed": (
        "import autograd.draw as drawing, autograd.jit as compiling;"
        "assert callable(drawing.draw_model) and callable(compiling) and callable(drawing)"
    ),
    "decorator": (
        "import autograd\n@autograd.jit(backend='python')\ndef f(x): return x * x\n"
        "@autograd.jit\ndef g(x): return x * x\nassert f(3.0) == g(3.0) == 9.0"
    ),
    "testing": "import autograd; autograd.testing.gradcheck(lambda x: x * x, (3.0,))",
}


def test_functions_beside_packages_in_any_order() -> None:
    """Each way to import them comes first once, and is followed by all others."""
    forget = "import sys; [sys.modules.pop(x) for x in [*sys.modules] if x.startswith('autograd')]"
    uses = list(USES.values())
    code = "\n".join(
        part for i in range(len(uses)) for part in (forget, *uses[i:], *uses[:i][::-1])
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stderr == ""


NOT_CALLED = {"SYMBOLIC_ZERO", "random", "testing"}


def test_packages_that_are_functions() -> None:
    import autograd
    from autograd.draw import draw
    from autograd.jit import jit

    for function in (draw, jit):
        package = getattr(autograd, function.__name__)
        assert package is sys.modules[f"autograd.{function.__name__}"]
        assert inspect.signature(package) == inspect.signature(function)
        assert pickle.loads(pickle.dumps(package)) is package
    assert dir(autograd) == sorted({*autograd.__all__, "draw", "jit", "random", "testing"})
    assert all(callable(getattr(autograd, name)) for name in {*dir(autograd)} - NOT_CALLED)
    with pytest.raises(AttributeError, match="module 'autograd' has no attribute 'bogus'"):
        autograd.bogus  # noqa: B018


TYPED = """
import autograd
from autograd import Value, draw, jit
from autograd.draw import Drawing
from autograd.jit import Jitted

drawing: Drawing = draw(Value(1.0))
function: Jitted = jit(lambda x: x)


@jit(backend="python")
def f(x: float) -> float:
    return x


autograd.testing.gradcheck(f, (1.0,))
wrong: int = f
from autograd import bogus
from nn import bogus as other
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_types_of_the_functions(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".mypy_cache", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    errors = [line.partition("error: ")[2] for line in run.stdout.splitlines() if "error:" in line]
    assert len(errors) == 3, run.stdout + run.stderr
    assert 'has type "Jitted", variable has type "int"' in errors[0]
    assert 'Module "autograd" has no attribute "bogus"' in errors[1]
    assert 'Module "nn" has no attribute "bogus"' in errors[2]
