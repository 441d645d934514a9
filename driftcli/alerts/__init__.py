"""Who must know: rules that read reports, and channels that tell people."""
