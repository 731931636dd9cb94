"""Refunds at the office: what families ask, what is answered, the files of transfers."""
