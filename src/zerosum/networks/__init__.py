"""The two players, built from a recipe.

`build_generator` and `build_discriminator` find the family by `network.kind`; one file a family.
"""
