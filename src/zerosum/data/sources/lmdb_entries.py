"""Write the entries of an LMDB to the standard output: a program, run by `lmdb.py`.

    python lmdb_entries.py FOLDER keys|values

It imports nothing of zerosum, because it is started anew for each reading.
"""

import struct
import sys

SIZES = struct.Struct("<qq")
"""Before each key and value: their bytes. The last pair is (-1, 0)."""


def main() -> None:
    """Write all entries in the order of their keys; the values are empty where keys are asked."""
    import lmdb

    folder, what = sys.argv[1:]
    out = sys.stdout.buffer
    try:
        with (
            lmdb.open(folder, readonly=True, lock=False, readahead=False) as database,
            database.begin(buffers=True) as transaction,
        ):
            cursor = transaction.cursor()
            keys = ((key, b"") for key in cursor.iternext(values=False))
            for key, value in keys if what == "keys" else cursor.iternext():
                out.write(SIZES.pack(len(key), len(value)))
                out.write(key)
                out.write(value)
        out.write(SIZES.pack(-1, 0))
        out.flush()
    except lmdb.Error as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
