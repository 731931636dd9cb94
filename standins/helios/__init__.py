"""A stand-in of Hélios, the Trésor's accounting: takes dockets, refuses what it would, says later what was paid."""
