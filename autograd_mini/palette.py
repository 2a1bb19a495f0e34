"""The colours of pictures and plots: told apart by the colour-blind, and different in grey."""

from __future__ import annotations

INK, GREY, FAINT = "#22272e", "#7a828c", "#e3e6ea"
BLUE, RED, GREEN, GOLD = "#2563a8", "#c8443a", "#2f855a", "#b7791f"
