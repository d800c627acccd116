"""The simulated place: air, body, growth, metabolism, implants, light, weather, and its vitals."""
