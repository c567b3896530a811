"""What machine a figure was measured on."""

from __future__ import annotations

from pathlib import Path


def processor() -> str:
    """The processor's name and the vector instructions that matter here."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    flags = next((line for line in lines if line.startswith("flags")), "")
    wide = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {f}" in flags]
    return f"{name} ({', '.join(wide) or 'no wide vectors'})"
