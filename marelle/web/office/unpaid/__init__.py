"""What is not paid: reminders, families that are not reminded, hand-over to the Trésor."""
