"""A régie joins the online invoices: from which day, what families will read, which softwares bring invoices."""
