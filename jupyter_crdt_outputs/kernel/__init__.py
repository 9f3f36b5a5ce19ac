"""The kernel side: what passes between browsers and kernels, and what the server writes down of it."""
