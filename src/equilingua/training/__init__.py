"""From a model and training examples to a fine-tuned model folder."""
