"""What runs in Jupyter Server, beside the kernels.

    saving      cleans notebooks when they are saved; off until `zenlab notebook hook install save`

Jupyter Server imports each part by its own name, so that one can be switched on without the others.
"""
