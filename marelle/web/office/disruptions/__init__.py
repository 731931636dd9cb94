"""Events: a strike, an absent teacher, snow; declared once for all the days that they touch, undone as well."""
