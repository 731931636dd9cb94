"""What an authority publishes: actualités, menus, documents to download."""
