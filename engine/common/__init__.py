"""What every room may lean on."""
