"""The six login providers, read at the edge: of their answers only name, e-mail, picture and id get any further."""
