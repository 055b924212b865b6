"""What `legal` announces upward. Sent inside the transaction that makes it true, unless said otherwise."""

from django.dispatch import Signal

# A significant version of a document was published: everybody is told, in portions. Sent once per portion of people.
# Arguments: user_ids: list[UUID], document: str (slug), version_id: UUID, titles: dict[str, str] (by language),
# effective_at: datetime, needs_acceptance: bool. May be repeated for the same people: tell them once per version.
document_changed = Signal()

# An export can be downloaded. Arguments: user_id: UUID, export_id: UUID, expires_at: datetime.
export_ready = Signal()

# An account will be erased. All its sign-ins, tokens and API keys must stop working within this transaction.
# Arguments: user_id: UUID, request_id: UUID, erase_at: datetime, by_person: bool.
deletion_scheduled = Signal()

# The wish was taken back, or refused by staff: the account works again.
# Arguments: user_id: UUID, request_id: UUID.
deletion_cancelled = Signal()

# The account is about to lose its address: the last letter has to go out now. Outside of any transaction.
# Arguments: user_id: UUID, request_id: UUID.
deletion_began = Signal()

# Results will be purged. Arguments: user_id: UUID, kind: str, count: int, purge_at: datetime. May be repeated on the
# same day: tell once per kind and day.
retention_warned = Signal()
