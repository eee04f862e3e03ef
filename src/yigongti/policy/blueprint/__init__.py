"""Blueprints: what they are (`model`), what their files must keep to (`checking`), how they are read (`reading`)."""
