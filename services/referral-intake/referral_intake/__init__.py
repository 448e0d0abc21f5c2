"""Takes referrals in, keeps people's details sealed, and says what is needed."""
