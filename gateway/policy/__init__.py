"""Policy: decides, per field, document and recipient, with a reason for each verdict. Pure, default deny."""
