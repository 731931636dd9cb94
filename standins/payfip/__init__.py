"""PayFiP on this machine: its SOAP service, its payment page, its notices; no money moves.

What is known of the real one: the recorded exchanges and the WSDL that eopayment publishes, and the guide « régies web
service » of the DGFiP. Where they are silent, the choice is said beside the code.
"""
