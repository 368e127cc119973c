"""The rulebook run over the register: snapshots, runs, findings that last, rulebook changes tried dry."""
