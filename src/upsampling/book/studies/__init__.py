"""Questions beyond the paper's, one module each: rows of results in, numbers, figures and sentences out."""
