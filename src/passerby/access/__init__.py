"""Who may do what at this machine: roles, accounts, credentials, sessions, machine keys, and how slowly to guess."""
