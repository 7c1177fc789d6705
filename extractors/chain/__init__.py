"""On-chain data, decoded by fixed code: from blocks, logs, tokens and token lists to claims."""
