"""Load what public bodies say of postcodes and data zones, whatever their files call their columns."""
