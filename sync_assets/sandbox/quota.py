"""A vendor's request limit: so many requests in a window of real time, as a client on the wire experiences it."""

import math
import time
from threading import Lock


class Quota:
    """Counts requests in fixed windows. The limit may be changed or switched off (0) at any time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened_s = 0.0
        self._used = 0

    def wait_s(self, *, limit: int, window_s: float) -> int:
        """0 when one more request is allowed, otherwise the whole seconds until the next window opens."""
        if limit <= 0:
            return 0
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._opened_s >= window_s:
                self._opened_s, self._used = now_s, 0
            self._used += 1
            return 0 if self._used <= limit else math.ceil(self._opened_s + window_s - now_s)
