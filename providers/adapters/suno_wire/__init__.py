"""What sunoapi.org and its twin at Kie.ai have in common: orders and records. Codes and proofs are each one's own."""
