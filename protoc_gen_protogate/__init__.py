"""The `protoc-gen-protogate-*` plugins: one kit that speaks the plugin protocol, one generator per target."""
