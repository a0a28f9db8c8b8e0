"""A gallery of graphs: each as a picture for a slide, and as a page that steps through it.

    python -m demos.gallery
    python -m demos.gallery --only xor,gpt --format png

The graphs (`demos.gallery_graphs`) are those that people draw first, and some that are hard to
draw: 200 steps of time, a batch of 100 rows, a GPT. Each is drawn twice: as a picture of 1,920 by
1,080 pixels, folded until its numbers can be read there, and as a page. An index shows them all.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from tqdm import tqdm  # type: ignore[import-untyped]

from autograd.files import write_whole
from demos.gallery_graphs import GALLERY
from demos.program import Out, fail, program

SIZE = "16:9"
Format: TypeAlias = Literal["svg", "png"]

INDEX = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Gallery of graphs</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto;
  padding: 0 1rem }}
figure {{ margin: 0 0 3rem }}
figcaption {{ margin-top: 0.5rem }}
img {{ max-width: 100%; height: auto }}
</style>
<h1>Gallery of graphs</h1>
{figures}
</html>
"""
FIGURE = """\
<figure id="{name}">
<a href="{name}.html"><img src="{name}.{suffix}" alt="{title}"></a>
<figcaption>{title} <a href="{name}.html">Step through it</a></figcaption>
</figure>"""


def chosen(names: str | None) -> str | None:
    """Names of the gallery, between commas."""
    for name in _listed(names):
        if name not in GALLERY:
            raise typer.BadParameter(f"{name!a} is none of {', '.join(GALLERY)}")
    return names


def _listed(names: str | None) -> list[str]:
    return list(GALLERY) if names is None else [name.strip() for name in names.split(",")]


def title_of(name: str) -> str:
    """What is drawn.

    >>> title_of("neuron")
    'One neuron: two inputs, two weights, a bias, tanh.'
    """
    return (GALLERY[name].__doc__ or "").partition("\n")[0]


def hang(name: str, out: Path, suffix: Format = "svg") -> list[str]:
    """Write the picture and the page of a graph.

    Args:
        name: in the gallery.
        out: the folder.
        suffix: of the picture.

    Returns:
        What `draw` warns of: above all, numbers that are too small to be read.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        drawing = GALLERY[name](size=SIZE)
        drawing.save(out / f"{name}.{suffix}")
        drawing.save(out / f"{name}.html")
    return [str(warning.message) for warning in said]


def index(names: Sequence[str], suffix: Format = "svg") -> str:
    """The page that shows the pictures, each a link to its page."""
    return INDEX.format(
        figures="\n".join(
            FIGURE.format(name=name, suffix=suffix, title=html.escape(title_of(name)))
            for name in names
        )
    )


def _bar(names: Sequence[str]) -> Iterable[str]:
    bar: Iterable[str] = tqdm(names, desc="drawing", unit=" graphs", disable=None)
    return bar


app = program()


@app.command()
def main(
    only: Annotated[
        str | None,
        typer.Option(callback=chosen, help=f"Some of these, between commas: {', '.join(GALLERY)}."),
    ] = None,
    suffix: Annotated[
        Format, typer.Option("--format", help="Of the pictures; SVG is light or dark.")
    ] = "svg",
    out: Out = Path("out/gallery"),
) -> None:
    """Draw the graphs of the gallery, each as a picture for a slide and as a page.

    Writes NAME.svg (or .png) and NAME.html for each, and index.html, which shows them. The exit
    code is 1 if the numbers of a picture are too small to be read on the slide.
    """
    names = _listed(only)
    out.mkdir(parents=True, exist_ok=True)
    said = {name: hang(name, out, suffix) for name in _bar(names)}
    write_whole(out / "index.html", index(names, suffix).encode())
    for name in names:
        print(f"{name:<18} {title_of(name)}")
    print(f"\nwritten: {out / 'index.html'}, and a picture and a page of each")
    if reasons := [f"{name}: {text}" for name, texts in said.items() for text in texts]:
        fail("Not all can be read.", *reasons)


if __name__ == "__main__":
    app()
