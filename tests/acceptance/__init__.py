"""Every service together, as its users use it."""

import pytest

# These assert too, and are to say what was there instead.
for module in ("poison", "stories.arriving", "stories.asking", "users", "world"):
    pytest.register_assert_rewrite(f"tests.acceptance.{module}")
