"""Calling models: our router over LiteLLM with breakers, deadlines, repair and failover."""
