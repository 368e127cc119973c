"""The audit trail: one event for everything that people and jobs did, chained by digests."""
