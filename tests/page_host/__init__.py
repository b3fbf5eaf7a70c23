"""A host for the page of compare_images, and tests of the page within it."""
