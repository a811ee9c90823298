"""Images: their dimensions, thumbnails, and copies without what a camera wrote about its owner."""
