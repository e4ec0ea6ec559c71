"""The HTTP interface: the engine for programs in any language, each caller within its rights."""
