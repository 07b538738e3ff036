"""Tables in and out: the same decision many times."""
