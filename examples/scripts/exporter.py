#!/usr/bin/env python3
"""Metrics of certificates that end soon, in the text format of Prometheus. Python's standard library only.

CERTCENTRAL_API_KEY=... ./exporter.py > certificates.prom
WITHIN_DAYS, PAGE_SIZE and TODAY (yyyy-mm-dd) may be set.
"""
import datetime
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = os.environ.get("CERTCENTRAL_BASE_URL", "https://www.digicert.com/services/v2")
KEY = os.environ["CERTCENTRAL_API_KEY"]
PAGE_SIZE = int(os.environ.get("PAGE_SIZE", "1000"))
WITHIN_DAYS = int(os.environ.get("WITHIN_DAYS", "14"))
TODAY = datetime.date.fromisoformat(os.environ.get("TODAY", datetime.datetime.now(datetime.timezone.utc).date().isoformat()))


def get(path, **params):
    url = BASE + path
    if params:
        url += "?" + urllib.parse.urlencode(params)
    request = urllib.request.Request(url, headers={"X-DC-DEVKEY": KEY, "Accept": "application/json"})
    for attempt in range(60):
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 429 or attempt == 59:
                raise
            time.sleep(5)


def issued_orders():
    offset = 0
    while True:
        page = get("/order/certificate", **{"filters[status]": "issued", "limit": PAGE_SIZE, "offset": offset})
        yield from page.get("orders", [])
        offset += PAGE_SIZE
        if offset >= page.get("page", {}).get("total", 0):
            return


def quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main():
    lines = []
    for order in issued_orders():
        valid_till = order["certificate"].get("valid_till")
        if valid_till is None:
            continue
        days = (datetime.date.fromisoformat(valid_till) - TODAY).days
        if not 0 <= days <= WITHIN_DAYS:
            continue
        # The list has no thumbprint and nobody to ask.
        info = get(f"/order/certificate/{order['id']}")
        labels = {
            "common_name": info["certificate"]["common_name"],
            "order_id": info["id"],
            "owner": info.get("user", {}).get("email", ""),
            "thumbprint": info["certificate"].get("thumbprint", ""),
        }
        text = ",".join(f"{name}={quoted(value)}" for name, value in labels.items())
        lines.append(f"certcentral_days_left{{{text}}} {days}")
    print("# TYPE certcentral_days_left gauge")
    for line in sorted(lines):
        print(line)


if __name__ == "__main__":
    main()
