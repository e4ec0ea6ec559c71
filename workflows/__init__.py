"""What may happen: values and the words every layer shares."""
