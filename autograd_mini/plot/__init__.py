"""Plots of training, with matplotlib: `pip install "autograd_mini[plots]"`.

Each function draws on the Axes given as `ax`, or on a new figure, and returns the Axes. None shows
the figure, changes matplotlib's settings, or leaves a trace in the model.
"""

from .boundary import decision_boundary
from .curves import activations
from .flow import gradients
from .landscape import loss_surface
from .progress import history

__all__ = ["activations", "decision_boundary", "gradients", "history", "loss_surface"]
