"""The quotient familial, from the CAF or the MSA, through API Particulier v3."""
