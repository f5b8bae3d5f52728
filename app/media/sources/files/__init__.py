"""What a file or a pipe holds, decoded."""
