"""Runs, and images of other programs, laid side by side: settings, scores, curves, samples.

Scores are ranked only where their protocols agree, and a best is named only beyond the errors.
"""
