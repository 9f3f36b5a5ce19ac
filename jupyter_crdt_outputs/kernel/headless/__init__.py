"""Running cells that no browser has asked for: the server is the client, and does what JupyterLab would."""
