"""The command line: `lenet`, a module for each of its commands, and what they share."""
