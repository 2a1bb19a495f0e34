"""Pictures of graphs, layers and training."""
