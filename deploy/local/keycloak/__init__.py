"""A real Keycloak for this machine: fetched by hash, on the loopback interface only, with the realm that lies here and invented people."""
