"""From what a network predicts to colour at full size: decoding, sampling, upsampling."""
