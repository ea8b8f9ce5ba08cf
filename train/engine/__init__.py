"""Parts that every training script is made of."""
