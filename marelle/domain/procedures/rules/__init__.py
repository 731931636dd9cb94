"""What a procedure says, what an answer may be, when silence decides: pure."""
