"""Finds services for words: by the words, by what they mean, and by what the directory and the vocabulary call it."""
