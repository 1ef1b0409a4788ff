"""labels: what tables say of images, joined to them by key."""
