"""A program: DOT on its input, a picture on its output, by the Graphviz inside pygraphviz.

Arguments: the folder that pygraphviz is imported from, and the format. `render` starts it for each
picture, so it imports little.
"""

import sys
import threading

STACK = 256 << 20  # bytes of address space: the layout recurses along paths of the graph


def main() -> None:
    """Draw what is on the input, or say why not."""
    try:
        sys.stdout.buffer.write(drawn(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


def drawn(site: str, kind: str, text: bytes) -> bytes:
    """Lay out and render in a thread, since only a thread can be given a larger stack."""
    done: list[bytes | Exception] = []
    before = threading.stack_size(STACK)
    thread = threading.Thread(target=_draw, args=(done, site, kind, text))
    thread.start()
    threading.stack_size(before)
    thread.join()
    [found] = done
    if isinstance(found, Exception):
        raise found
    return found


def _draw(done: list[bytes | Exception], site: str, kind: str, text: bytes) -> None:
    if site not in sys.path:
        sys.path.append(site)
    try:
        from pygraphviz import AGraph

        graph = AGraph()
        graph.from_string(text)
        done.append(graph.draw(format=kind, prog="dot"))
    except Exception as error:
        done.append(error)


if __name__ == "__main__":
    main()
