"""Where the values of a tape lie over whole boxes: intervals, Taylor models, subdivision."""
