"""What somebody may see: their branches' nodes, and personal data masked."""
