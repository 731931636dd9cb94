"""The tenants: communes, EPCI, CCAS; their régies, facilities, school classes and contacts."""
