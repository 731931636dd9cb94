"""Services, activities, products, slots, calendars, règlements and tariffs."""
