"""From a model and rows to a fine-tuned model folder."""
