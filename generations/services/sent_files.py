"""Files that an attempt has put into its provider's store: noted as they arrive there, erased when nothing needs them.

An attempt that failed needs none: the next one sends them anew. Those of a result are erased with it.
"""

from django.db import transaction

from generations.models import ProviderTask
from providers.services import deletions


@transaction.atomic
def note(task: ProviderTask, name: str) -> None:
    """A file of `task` is now at its provider under `name`. May be repeated.

    If the task was erased here meanwhile, the file is erased there.
    """
    row = ProviderTask.objects.select_for_update(of=("self",)).filter(pk=task.pk).first()
    if row is None:
        deletions.ask([(task.provider, name)])
    elif name not in row.uploads:
        row.uploads = [*row.uploads, name]
        row.save(update_fields=["uploads"])


@transaction.atomic
def erase(task: ProviderTask) -> None:
    """Have the files of an attempt that is over erased at its provider. Repeating it asks for nothing more."""
    row = ProviderTask.objects.select_for_update(of=("self",)).filter(pk=task.pk).exclude(uploads=[]).first()
    if row is not None:
        deletions.ask((row.provider, name) for name in row.uploads)
        row.uploads = []
        row.save(update_fields=["uploads"])
