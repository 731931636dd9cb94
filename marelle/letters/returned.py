"""What a letter that came back changes.

It is named by its own identifier, which carries 60 random bits, and by the address that it went to: neither alone is
believed, for anybody may write to the mailbox where what comes back is read.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from marelle.domain.families.models import Invitation
from marelle.domain.families.operations.joining import note_returned
from marelle.domain.families.rules.ways_in import same_address
from marelle.domain.news.operations.returns import note_lost_address, note_message_returned
from marelle.domain.news.returned import Returned
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation
from marelle.letters.kitchen_orders import KITCHEN_ORDER, note_order_returned
from marelle.letters.models import Letter

# As `sending` names a letter: its public id, then its kind.
NAME: Final = re.compile(r"<?([A-Za-z0-9_-]{12})\.([a-z_]{1,30})@")


@operation
def note_letter_returned(returned: Returned, *, by: Actor, at: datetime) -> bool:
    """Will note that a letter came back; tells whether it is one of ours, to that address, not known to be back.

    The family is told by nobody: agents see it, and call. An invitation that came back is shown as such.
    """
    found = NAME.match(returned.message_id.strip())
    if found is None:
        return False
    if found[2] == KITCHEN_ORDER:
        return note_order_returned(found[1], returned.address, by=by, at=at)
    with tenancy.every_authority():
        letter = (
            Letter.objects.select_for_update(of=("self",))
            .select_related("reader", "guardian", "family")
            .filter(public_id=found[1], kind=found[2], state=Letter.State.SENT, returned_at=None)
            .first()
        )
    if letter is None or not same_address((letter.reader or letter.guardian or letter.family).email, returned.address):
        return False
    with tenancy.scope({letter.authority_id}):
        Letter.objects.filter(pk=letter.pk).update(returned_at=at)
        note_lost_address(letter.family, returned.address, status=returned.status, by=by, at=at)
        if letter.kind == Letter.Kind.FAMILY_MESSAGE:
            note_message_returned(letter.object_key, by=by, at=at)
        if letter.kind == Letter.Kind.INVITATION:
            invitation = Invitation.objects.filter(pk=letter.object_key).first()
            if invitation is not None:
                note_returned(invitation, by=by, at=at)
    return True
