"""The few writes of the catalog: what is offered, the calendar, the slots that open from both."""
