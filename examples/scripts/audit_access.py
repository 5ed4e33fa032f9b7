#!/usr/bin/env python3
"""Who has access, what waits for approval, which custom fields there are. Needs requests."""
import os
from urllib.parse import urljoin

import requests


class CertCentral:
    def __init__(self, key, address="https://www.digicert.com/services/v2/"):
        self.address = address
        self.http = requests.Session()
        self.http.headers["X-DC-DEVKEY"] = key

    def get(self, path, **params):
        answer = self.http.get(urljoin(self.address, path), params=params)
        answer.raise_for_status()
        return answer.json()


certcentral = CertCentral(os.environ["CERTCENTRAL_API_KEY"])

for user in certcentral.get("user", limit=1000)["users"]:
    roles = ", ".join(role["name"] for role in user["access_roles"])
    print(f"{user['username']}\t{roles}\t{user.get('last_login_date', 'never')}")

waiting = certcentral.get("request", **{"filters[status]": "pending"})["requests"]
print(f"{len(waiting)} requests wait for approval")

fields = certcentral.get("account/metadata").get("metadata", [])
print("Custom fields: " + ", ".join(field["label"] for field in fields))
