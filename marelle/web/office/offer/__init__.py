"""What the authority offers: services, activities with their places, what families reserve; an opening day tried."""
