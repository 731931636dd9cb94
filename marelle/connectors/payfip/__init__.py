"""PayFiP, the State's payment page, through its web service « régie »."""
