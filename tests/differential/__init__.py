"""The same notebooks in stock JupyterLab and with this extension: what is shown and saved must be equal."""
