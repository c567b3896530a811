"""What somebody asks, complains of or looks into: cases, requests, complaints, incidents; their states and clocks."""
