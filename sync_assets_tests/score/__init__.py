"""How well the product finds what was broken on purpose: the scored corpus."""
