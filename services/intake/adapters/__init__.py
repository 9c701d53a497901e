"""Where intake meets HTTP."""
