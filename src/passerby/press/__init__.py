"""What is printed: papers as PDF and pictures, typeset by typst."""
