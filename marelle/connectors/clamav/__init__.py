"""ClamAV, the free antivirus, asked through its daemon."""
