"""Keeping house: people, directory, calendars, jobs and worker, the audit trail, backups, checks of the instance."""
