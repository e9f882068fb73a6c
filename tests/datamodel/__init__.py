"""docs/data-model.md, made from the models, and the rules that the models keep."""
