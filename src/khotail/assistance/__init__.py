"""Plans of help per household, help in emergencies, jobs and training, and whether help worked."""
