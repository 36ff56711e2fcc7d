"""Which cases ask for the same thing, by place and near-equal text."""
