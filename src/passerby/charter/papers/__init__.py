"""Papers that people write and others decide on: assessments, rollout plans, suppliers' records, placed signs."""
