"""Where signing keys are kept: in a file under a passphrase, or in a token that never gives them away."""
