"""One module per place where NeuralBox runs: local, test, production; all built on base."""
