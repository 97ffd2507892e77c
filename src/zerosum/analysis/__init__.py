"""Looking closely at a trained generator: classes, nearest training images, feature space."""
