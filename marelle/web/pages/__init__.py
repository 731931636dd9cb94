"""The pages that both sites have: help, accessibility, personal data, legal notice, contact."""
