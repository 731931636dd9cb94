"""A stand-in of OVHcloud's SMS API: an account, its credits, the texts that it took and what became of them."""
