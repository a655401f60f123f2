"""An image for the normalisers of the package intensity-normalization."""


class Image:
    """As much of the package's image as the normalisers ask for."""

    def __init__(self, data):
        self.data = data

    def get_data(self):
        return self.data

    def with_data(self, data):
        return Image(data)
