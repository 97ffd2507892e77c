"""One file a command: parse the words, call the library, print.

The only room that prints or exits; nothing imports it. No command imports torch before it must.
"""
