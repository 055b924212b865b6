"""HeyGen: presenters that speak a script, talking photos, speech, translated and lip-synced videos (interface v3)."""
