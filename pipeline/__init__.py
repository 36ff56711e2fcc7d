"""The one place where the stages meet: use cases, run alike by page, worker, command and API."""
