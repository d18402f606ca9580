"""Ctrl-C held back while something must not be cut in two, such as an answer that was paid for and is not yet kept."""

import signal
import threading
from typing import Any, Self


class HeldInterrupts:
    """Interrupts (SIGINT) are noted within the block and take effect at its end.

    Work within it that may well be cut off looks at ``noted`` and ends. Nothing is held back outside the main thread,
    where no interrupt arrives.
    """

    def __init__(self) -> None:
        self.noted = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT)):
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            if self.noted:
                # To whoever handles it: Python, or a command that ends in its own way.
                signal.raise_signal(signal.SIGINT)

    def _note(self, *_: object) -> None:
        self.noted = True
