"""What the commands share: the root with its options, the way to the service, what is printed and how it ends."""
