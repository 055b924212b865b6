"""How the body of an upload arrives: one file, straight to the disk, and no byte more than allowed."""

import contextlib
import tempfile
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from generations.services import examination, spools
from neuralbox.core.errors import FieldError, InvalidInput

FIELD = "file"
# What the multipart form adds to the file.
_FORM_BYTES = 64 * 1024


class SpooledUpload(UploadedFile):
    """A file that lies under a temporary name until it is closed."""

    def temporary_file_path(self) -> str:
        return str(cast(Any, self.file).name)


class SpoolingHandler(FileUploadHandler):
    """Writes the one file of the form to our temporary folder, and stops as soon as it is too large for its kind.

    Raises UploadTooLarge, before the body is read where its length says it all; InvalidInput for other files.
    """

    chunk_size = 256 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._limit = examination.largest_bytes()
        self._arrived = 0
        self._has_file = False
        self._closing = contextlib.ExitStack()

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > self._limit + _FORM_BYTES:
            raise examination.too_large(self._limit)

    def new_file(self, field_name: str, *args: Any, **rest: Any) -> None:
        if field_name != FIELD or self._has_file:
            raise InvalidInput(errors=[FieldError(f"/{field_name}", _("Send one file, as “file”."), "unknown_field")])
        super().new_file(field_name, *args, **rest)
        self._has_file = True
        self.file = self._closing.enter_context(tempfile.NamedTemporaryFile(dir=spools.folder(), suffix=".part"))  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start == 0:
            self._limit = examination.byte_limit(raw_data)
        self._arrived += len(raw_data)
        if self._arrived > self._limit:
            raise examination.too_large(self._limit)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> SpooledUpload:
        self.file.flush()
        self.file.seek(0)
        return SpooledUpload(
            file=self.file,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def close(self) -> None:
        """Remove the temporary file. Call when the request has been answered, however it ended."""
        self._closing.close()
