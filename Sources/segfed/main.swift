print("segfed")
