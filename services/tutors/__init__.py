"""The tutors service: who volunteers as a Territorial Tutor for Integration, who wants one, and who stands beside whom.

Owns: the tutors' register, tutor requests with their matches, assignments with their meetings. Emits `contracts/tutors.py`,
`contracts/tutor_requests.py`, `contracts/assignments.py` and `contracts/matching.py` on `ancora.tutors`.
Consumes: `pathways.plan_agreed` (a request opens where the person wants a tutor), `intake.beneficiary_exited` (the request is
withdrawn or the assignment ends, whichever order the two arrive in).
"""
