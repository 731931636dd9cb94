"""What an authority tells: articles, menus, documents to download."""
