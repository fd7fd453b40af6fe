"""Run, deploy and measure MiniGram: server configuration and operators' commands."""
