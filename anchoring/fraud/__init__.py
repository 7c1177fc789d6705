"""What convicts a publisher who committed to what cannot be."""
