"""Who may not book: what stands in a family's file, against what the règlement minds."""

import pytest

from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule, FamilyBlock, blocking

UNPAID, INCOMPLETE, MISSING = BlockKind.UNPAID, BlockKind.INCOMPLETE_FILE, BlockKind.MISSING_DOCUMENT

AGAINST = {
    "a cent above what is tolerated": (BlockRule(UNPAID, 5000), FamilyBlock(UNPAID, 5001), True),
    "no more than tolerated": (BlockRule(UNPAID, 5000), FamilyBlock(UNPAID, 5000), False),
    "nothing is tolerated": (BlockRule(UNPAID), FamilyBlock(UNPAID, 1), True),
    "nothing is owed": (BlockRule(UNPAID), FamilyBlock(UNPAID, 0), False),
    "an incomplete file": (BlockRule(INCOMPLETE), FamilyBlock(INCOMPLETE), True),
    "an incomplete file is no debt": (BlockRule(UNPAID), FamilyBlock(INCOMPLETE, 900), False),
    "the document that is asked for": (
        BlockRule(MISSING, document="Assurance"),
        FamilyBlock(MISSING, document="Assurance"),
        True,
    ),
    "in other letters": (
        BlockRule(MISSING, document="Assurance"),
        FamilyBlock(MISSING, document="ASSURANCE"),
        True,
    ),
    "another document": (BlockRule(MISSING, document="Assurance"), FamilyBlock(MISSING, document="Vaccins"), False),
    "any document": (BlockRule(MISSING), FamilyBlock(MISSING, document="Vaccins"), True),
    "any document, without a name": (BlockRule(MISSING), FamilyBlock(MISSING), True),
    "a document without a name is not that one": (
        BlockRule(MISSING, document="Assurance"),
        FamilyBlock(MISSING),
        False,
    ),
}


@pytest.mark.parametrize(("rule", "block", "stops"), AGAINST.values(), ids=AGAINST.keys())
def test_what_the_reglement_minds(rule, block, stops):
    assert rule.is_against(block) is stops


def test_only_what_is_minded_blocks_in_the_order_of_the_file():
    debt, vaccines, file = FamilyBlock(UNPAID, 9000), FamilyBlock(MISSING, document="Vaccins"), FamilyBlock(INCOMPLETE)
    rules = (BlockRule(INCOMPLETE), BlockRule(UNPAID, 5000))

    assert blocking(rules, (debt, vaccines, file)) == (debt, file)
    assert blocking((), (debt, vaccines, file)) == ()
    assert blocking(rules, ()) == ()
