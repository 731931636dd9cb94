"""A stand-in for a storage that speaks S3."""
