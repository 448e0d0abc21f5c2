"""The AsyncAPI document: generated from the contracts in Python, validated by the official parser in Node."""
