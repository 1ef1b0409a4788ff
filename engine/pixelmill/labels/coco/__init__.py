"""COCO: what its JSON files say of an image; `form` reads them, the others make a record of it."""
