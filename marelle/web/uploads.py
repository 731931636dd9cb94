"""How a file comes in: in memory alone, no further than a document may weigh, never on a disk in clear."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from marelle.domain.families.rules.documents import HEAVIEST_BYTES

if TYPE_CHECKING:
    from typing import Any

    from django.core.files.uploadedfile import UploadedFile


class InMemoryOnly(FileUploadHandler):
    """Keeps a file in memory; of one that is too heavy keeps its weight alone, so that it is refused beside its field.

    The body as a whole is held to its limit before, by `doors.ReadableRequest`, without reading any of it.
    """

    def new_file(self, *args: Any, **more: Any) -> None:
        """Will begin a file."""
        super().new_file(*args, **more)
        self._content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Will keep a piece, or drop all when it is one too many; no other handler has it."""
        if start + len(raw_data) > HEAVIEST_BYTES:
            self._content = io.BytesIO()
        else:
            self._content.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Will return the file; beyond the limit, its size and no content."""
        if file_size > HEAVIEST_BYTES:
            self._content = io.BytesIO()
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )
