"""Where the time of a step goes: its calls of NumPy, noted as they are made, and timed bare."""
