"""The pathways service.

Owns pathways (one stream per person and episode) and the shared methodology as versioned data.
Emits `contracts.pathways`. Consumes from intake: beneficiary_enrolled, beneficiary_readmitted (a pathway opens),
beneficiary_exited (it closes); from tutors: tutor_assigned, assignment_ended (support is noted on the pathway).
"""
