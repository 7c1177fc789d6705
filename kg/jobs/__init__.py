"""The ledger of what was done, and how work goes on after a crash."""
