"""What changes a document: the edit modal, the generation form, confirmations."""
