"""The web room: who calls, what they may do, headers to commands and back, and every error as an RFC 9457 problem."""
