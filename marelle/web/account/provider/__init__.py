"""The identity provider: other sites, ours and those of others, ask here who one is (OpenID Connect Core 1.0).

The sign-in library's `idp.oidc` keeps its clients and tokens and speaks the protocol; what it would let through, and
this house does not, is refused here (decision 20).
"""
