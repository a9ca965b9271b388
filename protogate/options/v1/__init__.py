"""Version 1 of the options, as protoc compiled them."""
