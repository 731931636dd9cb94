"""The identity provider, asked over HTTP."""
