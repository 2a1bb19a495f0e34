"""Tables of what a model is, and of what a program costs."""
