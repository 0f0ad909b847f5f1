"""The messages and enums of the contract."""
