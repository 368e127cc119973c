"""What households are entitled to, receive and miss, kept from run to run, and the work lists of the missed."""
