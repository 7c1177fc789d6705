"""What somebody who trusts nothing but a graph id may believe: checks with names, and the verdict."""
