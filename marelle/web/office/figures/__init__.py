"""Figures: attendance, filling, forecast, quotients, hours for the CAF, unpaid by age."""
