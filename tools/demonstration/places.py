"""Where everything lies."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "release"
FLEXNPU = BUILD / "flexnpu"
PYTHON = ROOT / ".build" / "venv" / "bin" / "python"
SCENARIOS = ROOT / "tools" / "scenarios"
