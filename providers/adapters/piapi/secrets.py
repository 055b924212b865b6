"""The secret that goes with each task and comes back in the clear with its webhooks.

Every task has its own, so that one that leaks (it stands in the body of each webhook, too) proves nothing about others.
It names the task and is derived from one secret of this installation; nothing has to be remembered.
"""

import hashlib
import hmac


def secret_for(reference: str, master: str) -> str:
    """The secret that a task is ordered with."""
    return f"{reference}.{_proof(reference, master)}"


def reference_in(secret: str, master: str) -> str | None:
    """The reference of the task that this secret was made for. None: it is not one of ours."""
    reference, _dot, proof = secret.rpartition(".")
    if not master or not reference or not hmac.compare_digest(proof.encode(), _proof(reference, master).encode()):
        return None
    return reference


def _proof(reference: str, master: str) -> str:
    return hmac.new(master.encode(), b"webhook:" + reference.encode(), hashlib.sha256).hexdigest()[:40]
