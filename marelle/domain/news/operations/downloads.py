"""Documents to download: put there, changed, taken away."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.families.receiving import CleanDocument, UnableToKeepDocumentError
from marelle.domain.families.rules.documents import DocumentFault
from marelle.domain.news.models import Download
from marelle.domain.news.operations.articles import Publication, UnableToPublishError, change
from marelle.domain.news.rules.audience import PublishingReach
from marelle.foundation import audit, files
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def save_download(
    authority: Authority,
    download: Download | None,
    publication: Publication,
    about: str,
    clean: CleanDocument | None,
    *,
    reach: PublishingReach,
    by: Actor,
    at: datetime,
) -> Download:
    """Will put a document to download, new when `download` is None, or change it; `clean` replaces its file.

    Raises UnableToPublishError, and UnableToKeepDocumentError when the place where files are kept does not answer.
    """
    faults = publication.faults(reach)
    if download is None and clean is None:
        faults["file"] = "Choisissez un fichier."
    if faults:
        raise UnableToPublishError(faults)
    said = {**publication.columns, "about": " ".join(about.split())}
    if clean is not None:
        try:
            stored_as = files.store(clean.content)
        except files.FilesUnavailableError as error:
            raise UnableToKeepDocumentError(DocumentFault.NOT_NOW) from error
        said |= {
            "file_name": clean.name,
            "content_type": clean.content_type,
            "stored_as": stored_as,
            "size": len(clean.content),
            "pages": clean.pages,
        }
    if download is None:
        row = Download.objects.create(authority=authority, **said)
    else:
        row = Download.objects.select_for_update(of=("self",)).get(pk=download.pk)
        before = row.stored_as
        if not change(row, said):
            return row
        if row.stored_as != before:
            files.forget_later(before)
    audit.record("save_download", authority=authority.pk, of="download", key=row.pk, by=by, at=at)
    return row


@operation
def remove_download(download: Download, *, by: Actor, at: datetime) -> bool:
    """Will take a document away for good, its file with it, once that is committed; tells whether it was there."""
    found = Download.objects.select_for_update(of=("self",)).filter(pk=download.pk).first()
    if found is None:
        return False
    files.forget_later(found.stored_as)
    found.delete()
    audit.record("remove_download", authority=download.authority_id, of="download", key=download.pk, by=by, at=at)
    return True
