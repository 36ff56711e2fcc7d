"""Refused rows out as a workbook, and the corrected workbook in again."""
