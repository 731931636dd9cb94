"""The few writes of authorities: what a file says of them (`files`), and what an agent decides on screen (`places`)."""

from marelle.domain.authorities.operations.files import (
    WHOLE_ROW,
    Changed,
    Kept,
    Key,
    Outcome,
    Said,
    add_rows,
    save_authority,
    save_places,
    save_rows,
    touch_catalog,
)

__all__ = (
    "WHOLE_ROW",
    "Changed",
    "Kept",
    "Key",
    "Outcome",
    "Said",
    "add_rows",
    "save_authority",
    "save_places",
    "save_rows",
    "touch_catalog",
)
