"""Models of the contracts that come with Protobuf itself, such as `google/protobuf/descriptor.proto`."""
