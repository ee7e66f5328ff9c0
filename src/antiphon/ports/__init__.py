"""What the services need from the world, as Protocols: no behaviour, no engine, no transport."""
