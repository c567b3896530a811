"""Commands of the desk: cases, requests, complaints, incidents, staff, reviews, reports, reconciling."""
