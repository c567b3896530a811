"""What is kept: redacted video and pictures, and nothing else."""
