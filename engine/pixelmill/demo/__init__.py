"""demo: real photographs to try pixelmill on, and a picture of what it made of them."""
