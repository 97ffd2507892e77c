"""Images → features → scores, with the protocol on every number; modes, neighbours, maps.

Every score is a function of two feature matrices, and carries how it was measured.
"""
