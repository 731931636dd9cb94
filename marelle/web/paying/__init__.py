"""What the families' site and the invoices site both show of invoices and payments: said once, the same on both.

Its addresses have the same names on both sites, and name an authority first: each page is that of the site asked.
"""
