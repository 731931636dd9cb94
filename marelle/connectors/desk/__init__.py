"""The town hall's own desk, where an agent records what is paid."""
