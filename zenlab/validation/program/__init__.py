"""The program that runs TFDV, under the worker's own Python 3.11 and packages.

It sees neither zenlab nor the kernel's packages: `main.py` loads this folder as the package
`zenlab_worker`, so its modules import each other relatively, and nothing else of zenlab. The
kernel talks to it in JSON lines (`validation/client.py`); data goes by path.
"""
