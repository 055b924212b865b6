"""The faults that fakes have on order: which there are, and what was ordered of them."""

import re
import threading
from dataclasses import dataclass

# Of a call: what the frame does by itself, whatever the app would say.
CALL_FAULTS = {
    "lost_answer": "the order is taken, the connection closed without an answer",
    "lost_question": "nothing is done, the connection closed without an answer",
    "too_fast": "the refusal of a call that came too soon, nothing is done",
    "server_error": "HTTP 500, nothing is done",
    "server_error_after_accepting": "the order is taken, the answer is HTTP 502",
    "malformed": "the order is taken, the answer is broken JSON",
    "slow": "the order is taken, the answer trickles",
}
# Of webhooks about a task; the app passes `call.faults` on to `Webhooks.send`.
WEBHOOK_FAULTS = {
    "no_webhook": "none is sent",
    "duplicate_webhook": "each is sent twice",
    "late_webhook": "each is sent some seconds late",
    "reordered_webhooks": "the stages of a task arrive backwards",
}
# Of result files; the app passes `call.faults` on to `Files.publish`.
FILE_FAULTS = {
    "expired_link": "HTTP 403, as of a link whose time is over",
    "slow_file": "the file trickles",
    "endless_file": "the file does not end",
    "broken_off_file": "the file ends before its announced length",
    "wrong_type": "an HTML page instead of the file",
    "other_type": "a whole picture or sound of another type than was ordered",
    "redirected_file": "a redirect to the file",
    "private_redirect": "a redirect to a private address",
}
# Of a task: for the app to act out in the words of its provider.
TASK_FAULTS = {
    "never": "the task never ends",
    "fail": "the task ends badly, and another attempt may work",
    "moderation": "the content is refused while the task runs",
    "no_credits": "the order is refused: our money is used up",
    "bad_key": "the order is refused: our key is wrong",
    "rejected": "the order is refused: the input is wrong",
    "maintenance": "the order is refused: maintenance",
}
FAULTS = {**CALL_FAULTS, **WEBHOOK_FAULTS, **FILE_FAULTS, **TASK_FAULTS}

_MAGIC = re.compile(r"\[fault:([a-z_]+)\]")


@dataclass(slots=True)
class _Ordered:
    fault: str
    path: str
    times: int


class Orders:
    """Faults that shall happen to the next calls of some path."""

    def __init__(self) -> None:
        self._ordered: list[_Ordered] = []
        self._lock = threading.Lock()

    def add(self, fault: str, path: str, times: int) -> None:
        """Make it happen to the next `times` calls whose path (with the prefix) contains `path`. Raises ValueError."""
        if fault not in FAULTS:
            raise ValueError(f"no such fault: {fault}")
        with self._lock:
            self._ordered.append(_Ordered(fault, path, times))

    def forget(self) -> None:
        with self._lock:
            self._ordered.clear()

    def take(self, path: str, text: str) -> frozenset[str]:
        """What shall happen to a call of `path`: ordered for it, or named in its `text`. Each order counts once."""
        named = {name for name in _MAGIC.findall(text) if name in FAULTS}
        with self._lock:
            for ordered in self._ordered:
                if ordered.path in path and ordered.times > 0:
                    ordered.times -= 1
                    named.add(ordered.fault)
            self._ordered = [ordered for ordered in self._ordered if ordered.times > 0]
        return frozenset(named)
