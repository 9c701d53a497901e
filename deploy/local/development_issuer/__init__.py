"""A development issuer: speaks OpenID Connect as a real one does, for invented people, on the loopback interface only.

Run as `python -m deploy.local.development_issuer --port P --home DIR --audience ancora --organisations FILE`.
"""
