"""The shared-document side: loading, saving and writing notebooks as JupyterLab needs them."""
