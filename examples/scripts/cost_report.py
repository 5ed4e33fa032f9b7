#!/usr/bin/env python3
"""Cost of last month's orders by division, and what is left. Needs requests."""
import csv
import datetime
import io
import os
from collections import defaultdict

import requests

HOST = "https://www.digicert.com"
API = HOST + "/services/v2"

session = requests.Session()
session.headers.update({"X-DC-DEVKEY": os.environ["CERTCENTRAL_API_KEY"]})


def last_month():
    first = datetime.date.today().replace(day=1)
    return (first - datetime.timedelta(days=1)).replace(day=1), first


def main():
    start, end = last_month()
    report = session.get(
        API + "/report/order",
        params={"filters[date_created]": f">{start.isoformat()}", "limit": 100000},
        timeout=120,
    )
    report.raise_for_status()
    totals = defaultdict(float)
    for row in csv.DictReader(io.StringIO(report.text)):
        if row["date_created"] < end.isoformat() and row["status"] not in ("rejected", "canceled"):
            totals[row["container_name"]] += float(row["cost"] or 0)
    for division, cost in sorted(totals.items()):
        print(f"{division};{cost:.2f}")

    balance = session.get("{}/finance/balance".format(API), timeout=30).json()
    print("left;%s %s" % (balance["total_available_funds"], balance["currency"]))


if __name__ == "__main__":
    main()
