"""Model cards, tables and contact sheets, made from what checkpoints recorded."""
