"""Finds faces, bodies, vehicles and number plates for one reason: to hide them."""
