"""The classifiers: one file a family, found by discovery. A file declares `CLASSIFIERS`."""
