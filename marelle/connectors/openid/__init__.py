"""OpenID Connect, seen from the site that asks who somebody is."""
