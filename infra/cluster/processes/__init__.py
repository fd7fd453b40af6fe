"""Processes of this machine: those that stay, programs that end by themselves, executables."""
