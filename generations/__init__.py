"""What users order: the model catalogue, quotes, generations, provider tasks, assets and uploads."""
