"""What other softwares call: JSON in, JSON out, errors in French. A token says which régie of which authority."""
