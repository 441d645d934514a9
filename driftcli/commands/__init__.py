"""The commands: flags to config, pipeline, output, exit code."""
