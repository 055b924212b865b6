"""Why a media file is not accepted. Internal: services turn these into refusals or failures."""


class MediaError(Exception):
    """The file cannot be used. The message is for logs."""


class UnknownType(MediaError):
    """The content is of no type on the allow list. `found` names what it seems to be, when that is known."""

    def __init__(self, found: str = "") -> None:
        super().__init__(f"not an allowed type: {found or 'unknown'}")
        self.found = found


class Broken(MediaError):
    """Of an allowed type by its first bytes, but it cannot be decoded: damaged, truncated or a disguise."""


class TooDemanding(MediaError):
    """Decoding would cost more than allowed. `limit` names the figure that was passed, `allowed` its value."""

    def __init__(self, limit: str, allowed: float) -> None:
        super().__init__(f"{limit} above {allowed:g}")
        self.limit = limit
        self.allowed = allowed


class NotPromised(MediaError):
    """A sound file of an allowed type, but not of one that was promised here."""

    def __init__(self, found: str) -> None:
        super().__init__(f"not a promised type: {found}")
