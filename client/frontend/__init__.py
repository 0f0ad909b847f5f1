"""The login frontend of Identity: server-rendered pages, without a store of its own."""
