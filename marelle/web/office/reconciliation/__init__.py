"""What the bank and the gateways say, beside what is noted here."""
