"""The tape: recorded operations as data, and differentiation from tape to tape."""
