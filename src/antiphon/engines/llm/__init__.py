"""Language models that hold a conversation."""
