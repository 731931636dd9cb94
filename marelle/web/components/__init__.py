"""The few strict shapes that every page is made of: components, the week grid, the basket, layouts, the stylesheet."""
