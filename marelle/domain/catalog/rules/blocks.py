"""Who may not book: what stands in a family's file, compared with what the règlement minds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What stands against a family."""

    UNPAID = "unpaid"
    INCOMPLETE_FILE = "incomplete_file"
    MISSING_DOCUMENT = "missing_document"


@dataclass(frozen=True, slots=True)
class FamilyBlock:
    """A fact of a family's file: what is unpaid (cents), or the name of a document that is missing."""

    kind: BlockKind
    cents: int = 0
    document: str = ""


@dataclass(frozen=True, slots=True)
class BlockRule:
    """What the règlement minds: unpaid invoices above a sum (cents), an incomplete file, a document (empty: any)."""

    kind: BlockKind
    above_cents: int = 0
    document: str = ""

    def is_against(self, block: FamilyBlock) -> bool:
        """Will tell whether this rule stops a family with `block`."""
        if block.kind is not self.kind:
            return False
        if self.kind is BlockKind.UNPAID:
            return block.cents > self.above_cents
        return not self.document or self.document.casefold() == block.document.casefold()


def blocking(rules: tuple[BlockRule, ...], blocks: tuple[FamilyBlock, ...]) -> tuple[FamilyBlock, ...]:
    """Will return the blocks that stop this family, in the order of its file."""
    return tuple(block for block in blocks if any(rule.is_against(block) for rule in rules))
