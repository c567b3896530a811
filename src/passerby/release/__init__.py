"""Open data: flows over lines with noise, under a budget that is public. Clock, randomness and store are passed in."""
