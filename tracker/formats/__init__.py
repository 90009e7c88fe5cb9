"""How dates are written, whatever English a browser asks for."""
