"""Spreadsheets in and out: institutions, staff, residents; .xlsx and .csv, checked row by row, written all or nothing."""
