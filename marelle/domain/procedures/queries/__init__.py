"""The named reads of procedures and applications."""
