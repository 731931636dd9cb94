"""API Particulier v3 as the State's own test site answers: fictional families, the same words, the same refusals."""
