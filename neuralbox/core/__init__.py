"""What every app stands on: errors, states, jobs, the personal-data registry, outbound HTTP. Knows no app."""
