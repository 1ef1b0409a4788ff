"""Open Images: what its tables say of an image; `form` joins what the others make of them."""
