"""What pages and API show, made from answers of use cases."""
