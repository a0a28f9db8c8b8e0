"""A program: DOT on its input, a picture on its output, by the Graphviz inside pygraphviz.

Arguments: the folder that pygraphviz is imported from, and the format. `render` starts it.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

STACK = 256 << 20  # bytes of address space: the layout recurses along paths of the graph


def main() -> None:
    """Lay out and render in a thread, since only a thread can be given a larger stack."""
    threading.stack_size(STACK)
    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(_render, *sys.argv[1:])
    try:
        sys.stdout.buffer.write(done.result())
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


def _render(site: str, kind: str) -> bytes:
    sys.path.append(site)
    from pygraphviz import AGraph

    graph = AGraph()
    graph.from_string(sys.stdin.buffer.read())
    picture: bytes = graph.draw(format=kind, prog="dot")
    return picture


if __name__ == "__main__":
    main()
