"""The offline provider: real files of every modality, made on this machine, labelled as a demonstration.

`adapter` is what the site uses. `engine` is the other side: a service of its own, spoken to over HTTP as any
provider is. `render` makes the files and knows neither. Local mode only.
"""
