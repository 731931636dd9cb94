"""What families ask to change of their file; how each field is changed; what they are asked to consent to."""
