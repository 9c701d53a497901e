"""The pathways service.

Owns pathways (one stream per person and episode), teams, group activities, budget lines, and the shared methodology as versioned data.
Emits `contracts.pathways`, `contracts.teams`, `contracts.activities`, `contracts.budget` and `contracts.safeguarding`.
Consumes from intake: beneficiary_enrolled, beneficiary_readmitted (a pathway opens), beneficiary_exited (it closes);
from tutors: tutor_assigned, assignment_ended (support is noted on the pathway).
"""
