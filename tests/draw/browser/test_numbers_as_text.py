"""Numbers in the page are written as Python writes them, digit for digit."""

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opened import Opened

from autograd import Value
from autograd.draw import draw

Open = Callable[[Path], Opened]
WRITE = """
    const [bytes, precision, done] = arguments;
    import("chainrule/format.js").then(({ allDigits, formatNumber }) => {
        const numbers = new Float64Array(Uint8Array.from(bytes).buffer);
        done(Array.from(numbers, (x) => (precision ? formatNumber(x, precision) : allDigits(x))));
    });
"""


def numbers(source: random.Random) -> Iterator[float]:
    """Floats of all kinds: any bits, short decimals, ties between them, the ends of the range."""
    yield from (0.0, -0.0, float("inf"), float("-inf"), float("nan"), 5e-324, 2.0**-1022)
    yield from (1.7976931348623157e308, 2.0**53 - 1, 1e21, 1e22, 1e23, 9.9995, 99995.0)
    for _ in range(1000):
        yield struct.unpack("<d", source.randbytes(8))[0]
        yield source.randrange(-(10**6), 10**6) / 2 ** source.randrange(12)  # many a tie
        yield source.randrange(10**7) * 10.0 ** source.randrange(-12, 12)
        yield source.gauss()
        yield struct.unpack("<d", struct.pack("<q", source.getrandbits(52)))[0]  # subnormal


@pytest.mark.parametrize("precision", [0, 1, 3, 4, 6, 17], ids=lambda p: p or "all digits")
def test_a_number_is_written_as_python_writes_it(
    precision: int, open_page: Open, tmp_path: Path
) -> None:
    opened = open_page(draw(Value(1.0, "x") + 1).save(tmp_path / "page.html"))
    drawn = list(numbers(random.Random(precision)))
    assert len(drawn) > 5000
    written = opened.driver.execute_async_script(
        WRITE, list(struct.pack(f"<{len(drawn)}d", *drawn)), precision
    )
    asked = f".{precision}g"
    assert written == [format(x, asked) if precision else repr(x).removesuffix(".0") for x in drawn]
