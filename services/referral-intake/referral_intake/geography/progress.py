"""Show how far a load is: a line that grows on a terminal, a line for each tenth elsewhere."""

from typing import TextIO

WIDTH = 30


class Progress:
    """How far one file has been read."""

    def __init__(self, name: str, out: TextIO) -> None:
        self._name = name
        self._out = out
        self._grows = out.isatty()
        self._tenth = 0

    def tell(self, done: float, rows: int) -> None:
        """Show the share that is done, between 0 and 1, and the rows that were read."""
        share = min(max(done, 0.0), 1.0)
        if self._grows:
            bar = "#" * round(share * WIDTH)
            self._out.write(f"\r{self._name} [{bar:<{WIDTH}}] {share:4.0%} {rows} rows")
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            self._out.write(f"{self._name}: {share:.0%}, {rows} rows\n")
        self._out.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._grows:
            self._out.write("\n")
