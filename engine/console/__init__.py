"""The console: the pages people live in, served beside the HTTP interface and within the same rights."""
