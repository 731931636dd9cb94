"""The Trésor's own schemas: nothing leaves, nor is taken in, that they do not allow. They are not part of Marelle."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE: Final = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0"


class Schema(StrEnum):
    """Which file: what goes, its acknowledgement, what comes back."""

    ALLER = "PES_V2/Rev0/PES_Aller.xsd"
    ACKNOWLEDGEMENT = "PES_V2/Rev0/PES_V2_Acquit_Autonome_V2.xsd"
    RETURN = "PES_V2/RETOUR/Rev0/PES_Retour.xsd"


class SchemasMissingError(Exception):
    """The folder of the schemas is not set, or does not hold them: nothing is written nor read."""


class UnfitFileError(Exception):
    """The file is not what the schemas allow. The first faults, without the values, which are people's."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Will keep the faults."""
        super().__init__("; ".join(faults))
        self.faults = faults


def parse(content: bytes) -> etree._Element:
    """Will read XML without fetching, expanding or trusting anything; raises UnfitFileError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnfitFileError(("the file is not XML",)) from error
    if root.getroottree().docinfo.doctype:
        raise UnfitFileError(("the file has a document type",))
    return root


def check(root: etree._Element, schema: Schema, *, folder: Path | None) -> None:
    """Will hold a file to a schema of the folder that holds PES_V2. Raises SchemasMissingError, UnfitFileError."""
    if folder is None or not (folder / schema.value).is_file():
        raise SchemasMissingError
    found = _loaded(folder / schema.value)
    if not found.validate(root):
        # A message quotes the value that does not fit: only where and which rule are kept.
        faults = dict.fromkeys(f"line {fault.line}: {fault.type_name}" for fault in found.error_log)
        raise UnfitFileError(tuple(faults)[:10])


@lru_cache(maxsize=8)
def _loaded(path: Path) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
        raise SchemasMissingError from error
