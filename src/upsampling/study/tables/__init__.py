"""The tables: one file each, found by discovery. A file declares `DATASET`."""
