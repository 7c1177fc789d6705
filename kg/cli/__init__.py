"""The command line: `triplock`."""
