"""Documents that the file of a family holds already."""

from __future__ import annotations

from marelle.domain.families.models import SupportingDocument
from marelle.foundation import files, tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import NOW


def make_document(family, *, kind="identity", name="carte.pdf", content=b"%PDF-1.7", **fields) -> SupportingDocument:
    """Keep a file in the file of a family, as if it had been cleaned."""
    facts = {"content_type": "application/pdf", "size": len(content), "pages": 1, "uploaded_at": NOW, **fields}
    with tenancy.scope({family.authority_id}), permitted("factory"):
        return SupportingDocument.objects.create(
            authority_id=family.authority_id,
            family=family,
            kind=kind,
            name=name,
            stored_as=files.store(content),
            **facts,
        )
