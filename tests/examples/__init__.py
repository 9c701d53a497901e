"""Examples of requests and answers for the services' own documents, taken from the caseload as it is lived."""
