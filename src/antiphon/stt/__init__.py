"""Speech-to-text as a service: ports wrapped in the same ports."""
