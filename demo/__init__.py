"""The demo: a notebook with every kind of output, in JupyterLab or through a server with no browser at all."""
