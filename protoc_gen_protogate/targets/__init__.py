"""One generator each; a target never imports another."""
