"""`python -m zerosum`, and what torchrun starts."""

from zerosum.cli.main import main

main()
