"""Where the measurements are made: one thread for everybody, versions, and the odd one out.

The package of HIPS is called `autograd`, as this project's is. It is installed without its
dependencies into a folder of its own, which comes first on the path of the processes that need it:
all else, NumPy above all, is the same for it as for the others.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "PYTHONHASHSEED": "0",
    "CHAINRULE_CACHE_DIR": "off",  # a first call compiles
}
"""What keeps every library to one thread, and runs alike, also the first time."""


def process_environment(paths: Sequence[str]) -> dict[str, str]:
    """The environment variables of a process that measures.

    Args:
        paths: what comes first on its path; the user's own path comes last.
    """
    own = os.pathsep.join(filter(None, [*paths, str(ROOT), os.environ.get("PYTHONPATH")]))
    kept = {name: x for name, x in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, **ONE_THREAD, "PYTHONPATH": own}


def asked(
    module: str, request: Any, timeout: float, paths: Sequence[str] = ()
) -> tuple[Any, str | None]:
    """Start a module as a process of its own, hand it a request, and wait for its end.

    Args:
        module: reads the request, JSON, from its input, and writes its answer to the file that is
            its argument.
        request: what it is asked.
        timeout: seconds after which it is ended.
        paths: what comes first on its path.

    Returns:
        The answer, None if there is none, and how the process ended: None if that took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, end = Path(folder, "result.json"), None
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                [sys.executable, "-P", "-m", module, str(file)],
                input=json.dumps(request),
                env=process_environment(paths),
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=timeout,
            )
            end = f"exit code {done.returncode}\n{done.stderr[-2000:]}"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None, end


def isolated_folder(requirement: str, cache: Path | None = None, name: str = "") -> Path:
    """A folder with one package in it, without what that depends on; installed if need be.

    Args:
        requirement: as pip takes it, such as `"autograd==1.8.0"`.
        cache: where the folder is, or is to be; in the user's cache if not given.
        name: what the folder is called; after the requirement if not given.

    Raises:
        OSError: it cannot be installed; the message is pip's.
    """
    base = cache or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "chainrule"
    name = name or requirement.replace("==", "-")
    folder = base / f"{sys.implementation.cache_tag}-{name}"
    if folder.is_dir():
        return folder
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as unfinished:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--target", f"{unfinished}/x", requirement]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise OSError(said[0] if said else f"pip failed: {done.stderr[-200:]}")
        os.replace(f"{unfinished}/x", folder)
    return folder


def version(distribution: str, folder: Path | None = None) -> str | None:
    """The version of an installed package, or of one in a folder; None if it is not there."""
    try:
        if folder is None:
            return importlib.metadata.version(distribution)
        found = next(iter(importlib.metadata.distributions(name=distribution, path=[str(folder)])))
    except (importlib.metadata.PackageNotFoundError, StopIteration):
        return None
    return found.version


def machine() -> dict[str, str]:
    """Processor, system and Python."""
    return {
        "cpu": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
