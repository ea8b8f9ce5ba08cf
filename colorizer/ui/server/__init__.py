"""Hosting: limits, refusals, forgetting, and what a ZeroGPU Space asks for."""
